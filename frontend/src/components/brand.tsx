/** The system's sign and name. */
export function Brand({ name }: { name: string }) {
  return (
    <p className="flex items-center justify-center gap-3 text-xl font-black tracking-tight">
      <img src="/favicon.svg" alt="" width="36" height="36" />
      {name}
    </p>
  )
}
