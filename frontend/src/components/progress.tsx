/** How far the quiz is, as a line of steps; `text` says the same, such as "Question 3 of 10". */
export function Progress({ at, of, text }: { at: number; of: number; text: string }) {
  return (
    <div className="flex items-center gap-3 text-sm font-semibold text-soft">
      <span className="whitespace-nowrap">{text}</span>
      <span aria-hidden="true" className="h-1.5 grow overflow-hidden rounded-full bg-line/25">
        <span className="block h-full rounded-full bg-accent" style={{ width: `${((at + 1) / of) * 100}%` }} />
      </span>
    </div>
  )
}
