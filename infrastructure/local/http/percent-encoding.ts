/** Decodes `%41` and its kind. Text with a broken encoding stays as it is. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
