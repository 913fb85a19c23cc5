/*
 * A script with a stubborn command under way, for test/unit/job.test.mts. The command writes its process id to the file
 * that is given and does not listen to Ctrl-C.
 */
import { main } from '../../lib/main.mts'
import { say } from '../../lib/narration.mts'
import { run } from '../../lib/shell.mts'

await main(import.meta, async ([file = '']) => {
  try {
    await run`sh -c ${'trap "" INT; echo $$ > "$1"; sleep 60; true'} sh ${file}`
  } finally {
    say('cleaned up')
  }
})
