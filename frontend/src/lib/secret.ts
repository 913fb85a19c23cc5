/** 128 random bits in base64url, 22 characters. `crypto.randomUUID` would need a secure context, this does not. */
export function randomSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCodePoint(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
