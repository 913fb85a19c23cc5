import { useId, useState } from 'react'
import { most } from '../../../../backend/src/types/quiz.ts'
import type { DraftQuestion } from './draft.ts'
import { fieldLook, TextField } from './fields.tsx'
import type { Missing } from './missing.ts'
import { ImageRefused, shrinkImage } from './shrink-image.ts'
import type { EditorTexts } from './texts.ts'

interface Props {
  question: DraftQuestion
  /** Changes the question as it is by then: storing an image takes a while. */
  edit: (change: (question: DraftQuestion) => DraftQuestion) => void
  missing: Missing[]
  /** Stores an image and returns its id. */
  addImage: (image: Blob) => Promise<string>
  /** Address of an image by its id. */
  imageUrl: (id: string) => string
  t: EditorTexts
}

export function ImageForm({ question, edit, missing, addImage, imageUrl, t }: Props) {
  const id = useId()
  const [state, setState] = useState<{ busy: boolean; problem?: string }>({ busy: false })
  const { image } = question

  const take = async (file: File | undefined) => {
    if (!file || state.busy) return
    setState({ busy: true })
    try {
      const stored = await addImage(await shrinkImage(file))
      edit((now) => ({ ...now, image: { id: stored, alt: '' } }))
      setState({ busy: false })
    } catch (error) {
      setState({ busy: false, problem: problemText(error, t) })
    }
  }

  if (image) {
    const problem = missing.find(({ code }) => code === 'image_alt' || code === 'image_alt_too_long')
    return (
      <div className="flex flex-col gap-3 sm:flex-row">
        <img src={imageUrl(image.id)} alt={image.alt} className="max-h-40 rounded-xl object-contain sm:max-w-60" />
        <div className="flex grow flex-col gap-2">
          <TextField
            label={t.imageAlt}
            hint={t.imageAltHint}
            problem={problem && t.missing[problem.code]}
            value={image.alt}
            most={most.alt}
            left={t.left}
            change={(alt) => edit((now) => ({ ...now, image: { ...image, alt } }))}
          />
          <button
            type="button"
            className="self-start rounded-lg px-2 py-1 underline "
            onClick={() => edit((now) => ({ ...now, image: null }))}
          >
            {t.removeImage}
          </button>
        </div>
      </div>
    )
  }
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {t.image}
      </label>
      <input
        id={id}
        type="file"
        accept="image/jpeg,image/png,image/webp"
        aria-disabled={state.busy}
        onClick={(event) => state.busy && event.preventDefault()}
        aria-describedby={`${id}-hint`}
        className={`${fieldLook} file:mr-3 file:rounded-lg file:bg-violet-600 file:px-3 file:py-1.5 file:font-medium file:text-white`}
        onChange={({ target }) => {
          const [file] = target.files ?? []
          // the same file may be chosen again after a failure
          target.value = ''
          void take(file)
        }}
      />
      <output id={`${id}-hint`} className="text-sm text-soft">
        {state.busy ? t.imageBusy : (state.problem ?? t.imageHint)}
      </output>
    </div>
  )
}

/** The words for what went wrong; what is no known problem is a bug, and named too. */
function problemText(error: unknown, t: EditorTexts): string {
  if (error instanceof ImageRefused) return t.imageProblems[error.problem]
  return t.imageFailed(error)
}
