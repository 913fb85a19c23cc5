import type { Language } from '../../types/quiz.ts'

/** Refused wherever they stand in a name: no harmless name has them inside. */
export const refusedAnywhere = [
  'arschloch',
  'asshole',
  'bitch',
  'faggot',
  'fotze',
  'fuck',
  'hitler',
  'hurensohn',
  'kanake',
  'missgeburt',
  'nigga',
  'nigger',
  'scheiss',
  'schlampe',
  'siegheil',
  'vergewaltig',
  'whore',
  'wichser',
]

/** Refused as a word of their own only: Scunthorpe, Schwarzenegger and grape are harmless. */
export const refusedWords = new Set([
  'anus',
  'arsch',
  'ass',
  'cock',
  'cunt',
  'fag',
  'ficken',
  'fick',
  'hure',
  'kike',
  'kkk',
  'nazi',
  'neger',
  'nutte',
  'penis',
  'porn',
  'porno',
  'pussy',
  'rape',
  'rapist',
  'shit',
  'slut',
  'spast',
  'spic',
  'tits',
  'titten',
  'twat',
  'vagina',
  'wanker',
])

/** At most eight letters each, so that a number still fits behind. */
export const adjectives: Record<Language, readonly string[]> = {
  en: split(
    'Able Brave Bright Calm Clever Cosy Daring Eager Fair Fancy Gentle Glad Golden Happy Jolly Keen Kind Lively Lucky Merry Mighty Neat Noble Proud Quick Quiet Ready Silver Smart Sunny Swift Tidy Vivid Warm Wise Witty',
  ),
  de: split(
    'Bunter Edler Eifriger Emsiger Famoser Feiner Flinker Flotter Froher Goldener Guter Heller Kecker Kluger Kühner Lieber Lustiger Mutiger Netter Prima Rascher Reger Ruhiger Sanfter Schlauer Sonniger Stiller Stolzer Tapferer Toller Treuer Wacher Weiser Wilder',
  ),
}

/** At most seven letters each; in German all masculine, so that every adjective fits. */
export const animals: Record<Language, readonly string[]> = {
  en: split(
    'Badger Bear Beaver Bison Cat Crane Deer Dolphin Eagle Falcon Finch Fox Gecko Hare Heron Ibex Jaguar Koala Lion Lynx Mole Moose Newt Otter Owl Panda Penguin Puffin Rabbit Raven Robin Seal Stork Swan Tiger Toucan Turtle Whale Wolf Yak',
  ),
  de: split(
    'Adler Bär Biber Bison Dachs Delfin Elch Falke Fink Frosch Fuchs Gecko Gepard Hamster Hase Hecht Hirsch Igel Jaguar Kater Koala Kranich Lachs Löwe Luchs Marder Molch Otter Panda Papagei Pfau Pinguin Puma Rabe Reiher Schwan Specht Storch Tiger Uhu Wal Wolf',
  ),
}

function split(words: string): string[] {
  return words.split(' ')
}
