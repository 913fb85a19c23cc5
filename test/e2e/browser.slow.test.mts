/*
 * The quiz as people have it: real Chromium on the deployed local environment, phones, a remote and a projector. A picture
 * of every screen is kept in test/e2e/screens, and must be looked at: no test sees what is ugly. The tests build on each
 * other, in order.
 */
import { after, before, describe } from 'node:test'
import { quizClient } from '../../backend/local/quiz-client.ts'
import { environmentNames } from '../../lib/environment/environments.mts'
import { saysWhyAndWhatToDo } from './browser/dead-ends.mts'
import { emptyGallery, isFitToBeSeen } from './browser/gallery.mts'
import { playsByKeyboardAlone } from './browser/keyboard.mts'
import { isFastForLighthouse } from './browser/lighthouse.mts'
import { connectsUnderItsOwnName } from './browser/own-domain.mts'
import type { Stage } from './browser/stage.mts'
import { deployMuteServerBefore, survivesTheWayBack } from './browser/way-back.mts'
import { playsAWholeQuiz } from './browser/whole-quiz.mts'
import { tellsTheSecondEditor } from './browser/writing.mts'
import { startBrowser } from './support/browser.mts'
import { checkout } from './support/checkout.mts'
import { outputsOf } from './support/system.mts'

describe('the quiz in a browser', { timeout: 2_700_000 }, () => {
  let stage: Stage

  before(async () => {
    emptyGallery()
    const copy = await checkout(7400)
    await deployMuteServerBefore(copy)
    const outputs = await outputsOf(copy.aws, environmentNames('local'))
    const secret = ['secretsmanager', 'get-secret-value', '--secret-id', outputs['AdminSecretArn']!]
    const { SecretString: adminSecret } = await copy.aws(...secret)
    const site = `http://${outputs['DistributionDomainName']}`
    stage = { copy, site, adminSecret, browser: await startBrowser(), admin: quizClient(site, adminSecret) }
  })
  after(async () => {
    await stage?.browser.close()
    await stage?.copy.remove()
  })

  isFastForLighthouse(() => stage)
  playsAWholeQuiz(() => stage)
  tellsTheSecondEditor(() => stage)
  playsByKeyboardAlone(() => stage)
  saysWhyAndWhatToDo(() => stage)
  survivesTheWayBack(() => stage)
  connectsUnderItsOwnName(() => stage)
  isFitToBeSeen()
})
