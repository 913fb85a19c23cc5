/** Says something to those who do not see the page, once: in the region of index.html. */
export function announce(words: string): void {
  const region = document.getElementById('announcements')
  if (region) region.textContent = words
}
