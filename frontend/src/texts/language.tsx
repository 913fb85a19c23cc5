import { createContext, type ReactNode, use, useEffect, useState } from 'react'
import { type Language, languages } from '../../../backend/src/types/kinds.ts'
import { moduleOf } from '../lib/module-of.ts'
import { en } from './en.ts'
import type { Texts } from './texts.ts'

interface Spoken {
  language: Language
  texts: Texts
}

/** The reader's first language that the page speaks, else English. */
export function languageOf(wanted: readonly string[]): Language {
  const known = wanted.map((tag) => languages.find((language) => tag.toLowerCase().split('-')[0] === language))
  return known.find((language) => language !== undefined) ?? 'en'
}

/** English is in the page. Another language is a chunk: without it the page speaks English, and says so in the console. */
export async function loadTexts(language: Language): Promise<Spoken> {
  if (language === 'en') return { language, texts: en }
  try {
    return { language, texts: (await moduleOf(import('./de.ts'))).de }
  } catch (error) {
    console.warn(`the texts in ${language} could not be loaded:`, error)
    return { language: 'en', texts: en }
  }
}

interface Choice extends Spoken {
  /** Changes the language of the page. */
  speak: (language: Language) => void
}

const LanguageContext = createContext<Choice | undefined>(undefined)

export function LanguageProvider({ first, children }: { first: Spoken; children: ReactNode }) {
  const [spoken, setSpoken] = useState(first)
  const [wanted, speak] = useState(first.language)
  useEffect(() => {
    let current = true
    void loadTexts(wanted).then((loaded) => current && setSpoken(loaded))
    return () => {
      current = false
    }
  }, [wanted])
  useEffect(() => {
    document.documentElement.lang = spoken.language
  }, [spoken.language])
  return <LanguageContext value={{ ...spoken, speak }}>{children}</LanguageContext>
}

/** Language and texts of the page. With `of`, such as the event's language, the page changes to that. */
export function useTexts(of?: Language): Spoken {
  const choice = use(LanguageContext)
  if (!choice) throw new Error('there is no LanguageProvider around this')
  const { language, texts, speak } = choice
  useEffect(() => {
    if (of !== undefined) speak(of)
  }, [of, speak])
  return { language, texts }
}
