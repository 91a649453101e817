interface Pattern {
  readonly expression: RegExp;
  /** Literal text. */
  readonly replacement: string;
}

/** `name: value`, `name=value`, `"name": "value"`; case-insensitive. */
const keyValue = (name: string, value: string): RegExp =>
  new RegExp(`["']?${name}["']?\\s*[:=]\\s*["']?${value}["']?`, 'gi');

const TOKEN = '[A-Za-z0-9_\\-.]{20,}';

/** The fifteen built-in patterns, in the order in which a group applies them. All are linear: no nested repetition. */
export const PATTERNS = {
  api_key: {
    expression: keyValue('(?:api_key|api-key|apikey|key)', '[A-Za-z0-9_\\-]{20,}'),
    replacement: '"api_key": "[MASKED_API_KEY]"',
  },
  password: {
    expression: keyValue('(?:password|pwd|pass)', '[^"\'\\s]{6,}'),
    replacement: '"password": "[MASKED_PASSWORD]"',
  },
  token: {
    expression: new RegExp(
      `--token(?:=|\\s+)(?:"[^"]+"|'[^']+'|[^\\s"']+)|${keyValue('(?:token|bearer|jwt)', TOKEN).source}`,
      'gi',
    ),
    replacement: '"token": "[MASKED_TOKEN]"',
  },
  private_key: { expression: keyValue('private[_-]?key', TOKEN), replacement: '"private_key": "[MASKED_PRIVATE_KEY]"' },
  secret_key: { expression: keyValue('secret[_-]?key', TOKEN), replacement: '"secret_key": "[MASKED_SECRET_KEY]"' },
  certificate: {
    expression: /-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----/g,
    replacement: '[MASKED_CERTIFICATE]',
  },
  certificate_authority_data: {
    expression: /certificate-authority-data:\s*[A-Za-z0-9+/]{20,}={0,2}/gi,
    replacement: 'certificate-authority-data: [MASKED_CA_CERTIFICATE]',
  },
  email: {
    expression: /\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,63}\b/g,
    replacement: '[MASKED_EMAIL]',
  },
  ssh_key: { expression: /ssh-(?:rsa|dss|ed25519|ecdsa)\s+[A-Za-z0-9+/=]+/g, replacement: '[MASKED_SSH_KEY]' },
  base64_secret: { expression: /\b[A-Za-z0-9+/]{20,}={0,2}/g, replacement: '[MASKED_BASE64_VALUE]' },
  base64_short: { expression: /: [A-Za-z0-9+/]{4,19}={0,2}(?:\s|$)/gm, replacement: ': [MASKED_SHORT_BASE64]' },
  aws_access_key: {
    expression: keyValue('aws[_-]?access[_-]?key[_-]?id', 'AKIA[A-Z0-9]{16}'),
    replacement: '"aws_access_key_id": "[MASKED_AWS_KEY]"',
  },
  aws_secret_key: {
    expression: keyValue('aws[_-]?secret[_-]?access[_-]?key', '[A-Za-z0-9/+=]{40}'),
    replacement: '"aws_secret_access_key": "[MASKED_AWS_SECRET]"',
  },
  github_token: {
    expression: /github[_-]?token|gh[ps]_\w{36,255}/gi,
    replacement: '[MASKED_GITHUB_TOKEN]',
  },
  slack_token: { expression: /xox[baprs]-[A-Za-z0-9-]{10,72}/g, replacement: '[MASKED_SLACK_TOKEN]' },
} satisfies Readonly<Record<string, Pattern>>;

export type PatternName = keyof typeof PATTERNS;

/** Works on structure instead of text; see kubernetes-secret.ts. */
export const KUBERNETES_SECRET = 'kubernetes_secret';

export const GROUPS: Readonly<Record<string, readonly (PatternName | typeof KUBERNETES_SECRET)[]>> = {
  basic: ['api_key', 'password'],
  secrets: ['api_key', 'password', 'token', 'private_key', 'secret_key'],
  security: ['api_key', 'password', 'token', 'certificate', 'certificate_authority_data', 'email', 'ssh_key'],
  kubernetes: [KUBERNETES_SECRET, 'api_key', 'password', 'certificate_authority_data'],
  cloud: ['aws_access_key', 'aws_secret_key', 'api_key', 'token'],
  all: [KUBERNETES_SECRET, ...(Object.keys(PATTERNS) as PatternName[])],
};

export function isMaskingGroup(name: string): boolean {
  return Object.hasOwn(GROUPS, name);
}

export function isMaskingPattern(name: string): name is PatternName {
  return Object.hasOwn(PATTERNS, name);
}
