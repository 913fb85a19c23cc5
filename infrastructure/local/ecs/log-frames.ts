const headerLength = 8

interface FrameReader {
  /** The next bytes of the stream, cut anywhere. */
  read(chunk: Buffer): void
  /** The stream is over: a last line may lack its newline. */
  end(): void
}

/**
 * Takes Docker's log stream apart: frames of stdout and stderr (8 bytes of header: kind, 0 0 0, length), each a line with
 * its timestamp in front; a line beyond 16 KiB comes in several. Empty lines are dropped: CloudWatch takes none.
 * https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
export function createFrameReader(onLine: (timestamp: number, message: string) => void): FrameReader {
  let rest: Buffer = Buffer.alloc(0)
  /** By kind: the beginning of a line whose end is still to come. */
  const partial = new Map<number, { timestamp: number; text: string }>()

  const take = (kind: number, frame: string): void => {
    const space = frame.indexOf(' ')
    const text = frame.slice(space + 1)
    const line = partial.get(kind) ?? { timestamp: Date.parse(frame.slice(0, space)), text: '' }
    line.text += text
    partial.set(kind, line)
    if (text.endsWith('\n')) emit(kind, line)
  }

  const emit = (kind: number, { timestamp, text }: { timestamp: number; text: string }): void => {
    partial.delete(kind)
    const message = text.replace(/\r?\n$/, '')
    if (message) onLine(timestamp, message)
  }

  return {
    read(chunk) {
      rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
      while (rest.length >= headerLength) {
        const end = headerLength + rest.readUInt32BE(4)
        if (rest.length < end) return
        take(rest.readUInt8(0), rest.toString('utf8', headerLength, end))
        rest = rest.subarray(end)
      }
    },
    end() {
      for (const [kind, line] of partial) emit(kind, line)
    },
  }
}
