import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds the API. */
const apiUrl = process.env.TARSY_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [tailwindcss(), sveltekit({ adapter: adapter({ pages: 'build', fallback: 'index.html' }) })],
  resolve: { conditions: ['tarsy-source', 'module', 'browser', 'development|production'] },
  // The copy of `cookie` that SvelteKit needs is its own, deeper one; left external, Node finds an older one at the root.
  ssr: { noExternal: ['cookie'] },
  server: { proxy: { '/api': { target: apiUrl, ws: true } } },
});
