import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    environment: 'jsdom',
    include: ['test/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    unstubGlobals: true,
    // whole builds, on a machine that does other work as well
    hookTimeout: 60_000,
    testTimeout: 30_000,
  },
})
