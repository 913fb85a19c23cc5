import { differenceLine, differences } from '../script/differences.mts'
import { say } from '../script/narration.mts'
import { comparable } from './task-definition.mts'

const image = /^containerDefinitions\.[^.]*\.image$/

/** Prints what another task definition changes, but for the image, which is named by its digest elsewhere. */
export function printChangedSettings(running: object, next: object): void {
  for (const each of differences(comparable(running), comparable(next)))
    if (!image.test(each.path)) say(`setting    ${differenceLine(each)}`)
}
