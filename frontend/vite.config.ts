import { dirname, join, relative, resolve } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv } from 'vite'
import { parseEnv } from './src/config/parse-env.ts'

export default defineConfig(({ command, mode }) => {
  // Vite lets NODE_ENV of the shell choose React's development build; the same sources must always give the same bytes
  if (command === 'build') process.env['NODE_ENV'] = 'production'
  // a deployment keeps its settings in a directory of its own: several may build here at once, and a person too
  const envDir = resolve(import.meta.dirname, process.env['SETTINGS_DIR'] ?? '.')
  // a malformed setting stops the build, not the page
  const settings = parseEnv(loadEnv(mode, envDir, 'VITE_'))
  const backend = process.env['BACKEND_URL'] ?? 'http://127.0.0.1:3000'
  return {
    envDir,
    define: { builtSettings: JSON.stringify(settings) },
    plugins: [react(), tailwindcss()],
    // wouter brings what older Reacts lack; ours has it
    resolve: { alias: { 'use-sync-external-store/shim/index.js': 'react' } },
    server: {
      host: '127.0.0.1',
      port: 5173,
      strictPort: true,
      proxy: { '/api': backend, '/health': backend, '/ws': { target: backend, ws: true } },
    },
    build: {
      sourcemap: true,
      // an inlined asset is a data: URL, and the site's Content-Security-Policy allows only its own origin
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      // without the lists of what each chunk needs the page is smaller; nobody waits for a chunk in a game
      modulePreload: false,
      rolldownOptions: {
        output: {
          // one script until one is in: what a page needs at once is compressed best, and fetched fastest, as one
          codeSplitting: { groups: [{ name: 'index', tags: ['$initial'] }] },
          // as from dist/, wherever the build is written: the same sources give the same bytes
          sourcemapPathTransform: (source, map) =>
            relative(join(import.meta.dirname, 'dist/assets'), resolve(dirname(map), source)),
        },
      },
    },
  }
})
