/** A value in the template of a command: one argument, or many. */
export type Piece = string | number | readonly string[]

/** The template on one line; an empty array leaves no gap. */
export function oneLine(pieces: TemplateStringsArray, values: Piece[]): [TemplateStringsArray, ...Piece[]] {
  const texts = ['']
  const kept: Piece[] = []
  pieces.forEach((piece, index) => {
    const text = piece.replace(/\s+/g, ' ')
    const before = texts.pop() ?? ''
    texts.push(before.endsWith(' ') ? before + text.trimStart() : before + text)
    const value = values[index]
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return
    kept.push(value)
    texts.push('')
  })
  return [Object.assign(texts, { raw: texts }), ...kept]
}
