import type { PeerCertificate } from 'node:tls';

export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly names: string;
  readonly valid_from: string;
  readonly expires_at: string;
  readonly days_left: number;
  readonly trusted: boolean;
}

export function certificateFacts(certificate: PeerCertificate, trusted: boolean, nowMs = Date.now()): CertificateFacts {
  const expiresAt = new Date(certificate.valid_to);
  return {
    subject: String(certificate.subject?.CN ?? ''),
    issuer: String(certificate.issuer?.O ?? certificate.issuer?.CN ?? ''),
    names: certificate.subjectaltname ?? '',
    valid_from: new Date(certificate.valid_from).toISOString(),
    expires_at: expiresAt.toISOString(),
    days_left: Math.floor((expiresAt.getTime() - nowMs) / 86_400_000),
    trusted,
  };
}
