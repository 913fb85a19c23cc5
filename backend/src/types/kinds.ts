/**
 * What quiz and protocol have in common. A file of its own: a player's page needs these words, and not the schema of a quiz,
 * which is in `quiz.ts`.
 */

export const languages = ['en', 'de'] as const
export type Language = (typeof languages)[number]

export const questionTypes = ['single', 'multiple', 'boolean', 'poll'] as const
export type QuestionType = (typeof questionTypes)[number]

/** 0: practice. */
export const pointValues = [0, 1_000, 2_000] as const
