/** Everything is drawn in the browser from the API; the server hands out files only. */
export const ssr = false;
