import { useTexts } from '../../texts/language.tsx'
import { playTexts } from './texts.ts'

/** The texts from the first question on, in the language of the page. */
export function usePlayTexts() {
  const { language, texts } = useTexts()
  return { language, locale: texts.locale, t: playTexts[language] }
}
