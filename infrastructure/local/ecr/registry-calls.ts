/**
 * The actions of ECR that a request to `/v2/` is, each with its repository: AWS's registry asks for these permissions. None
 * for the check of a login.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
 */
export function registryCalls(method: string, url: string): [action: string, repository: string][] {
  const { pathname, searchParams } = new URL(url, 'http://registry')
  const path = decodeURIComponent(pathname)
  const [, repository = '', kind, rest = ''] = /^\/v2\/(.+)\/(blobs|manifests)\/(.*)$/.exec(path) ?? []
  if (!kind) return []
  if (kind === 'manifests') return [[method === 'PUT' ? 'PutImage' : 'BatchGetImage', repository]]
  if (!rest.startsWith('uploads')) {
    return [[method === 'HEAD' ? 'BatchCheckLayerAvailability' : 'GetDownloadUrlForLayer', repository]]
  }
  if (method !== 'POST') return [[method === 'PATCH' ? 'UploadLayerPart' : 'CompleteLayerUpload', repository]]
  const source = searchParams.get('from')
  const mounted: [string, string][] =
    source && searchParams.has('mount')
      ? [
          ['BatchCheckLayerAvailability', source],
          ['GetDownloadUrlForLayer', source],
        ]
      : []
  return [['InitiateLayerUpload', repository], ...mounted]
}
