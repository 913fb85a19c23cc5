/** The release that the deployment wrote into the page; "development" where nobody deployed it. */
export function releaseOf(page: Document): string {
  return page.querySelector<HTMLMetaElement>('meta[name="release"]')?.content.trim() || 'development'
}
