/**
 * What an `import()` brings. Where its chunk is gone and the page is being loaded again for that (main.tsx), Vite's import
 * gives undefined: then it stays under way, and nothing fails in the page that is about to be replaced.
 */
export async function moduleOf<Module>(importing: Promise<Module | undefined>): Promise<Module> {
  return (await importing) ?? (await new Promise<never>(() => {}))
}
