import type { Refusal } from '../../../backend/src/types/protocol.ts'

/** All that a player reads. The type of this table is what every other language must have. */
export const en = {
  /** For dates and numbers. */
  locale: 'en',
  join: {
    heading: 'Join the quiz',
    code: 'Code',
    codeHint: 'The six digits on the big screen',
    codeIncomplete: 'A code has six digits.',
    next: 'Next',
    name: 'Your name',
    nameHint: 'Up to 20 characters. Everyone will see it.',
    nameMissing: 'Type a name first.',
    generated: 'You will get a name when you join.',
    join: 'Join',
    joining: 'Joining…',
    again: 'Try again',
    otherCode: 'Another code',
    continueAs: (name: string) => `Continue as ${name}`,
    alreadyIn: 'This browser is already in this quiz.',
    suggestion: (name: string) => `Take “${name}”`,
    kept: (date: string) =>
      `We keep the name you type and your answers at least until ${date}, then they are erased. The host can download them.`,
    keptInGeneral: 'We keep only the name you type and your answers. Before you join you see until when.',
    unreachable: 'The quiz cannot be reached. Check your connection, then try again.',
    refusals: {
      no_such_code: 'There is no quiz with this code. Compare it with the screen.',
      locked: 'Nobody else may join now. Watch the big screen and play along.',
      full: 'This quiz is full. Watch the big screen and play along.',
      ended: 'This quiz is over.',
      name_taken: 'Someone has this name already. Choose another one.',
      name_refused: 'This name cannot be used. Choose another one.',
      slow_down: 'Too many tries. Wait a minute, then try again.',
    } satisfies Record<Refusal, string>,
  },
  lobby: {
    total: (score: string) => `${score} points`,
    youAreIn: 'You are in!',
    waitForStart: 'Look at the big screen. It starts soon.',
  },
  connection: {
    connecting: 'Connecting…',
    connectingHint: 'One moment.',
    reconnecting: 'Connection lost. Coming back by itself…',
    offline: 'You are offline. Your place is kept.',
  },
  nowhere: {
    reload: 'Reload',
    notFound: 'There is nothing here',
    notFoundHint: 'Perhaps the address is mistyped.',
    home: 'To the first page',
    unloaded: 'A part of this page could not be loaded',
    unloadedHint: 'Check your connection, then reload.',
  },
}
