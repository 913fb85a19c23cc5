/** The release that the deployment wrote into the page; "development" if it was not deployed. */
export function releaseOf(page: Document): string {
  return page.querySelector<HTMLMetaElement>('meta[name="release"]')?.content.trim() || 'development'
}
