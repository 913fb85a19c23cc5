import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { refusal } from './expectations.ts'
import { registryHost, startWorld, type EcsWorld } from './ecs-world.ts'

interface ImageDetail {
  imageDigest: string
  imageTags?: string[]
  imageSizeInBytes: number
}

let world: EcsWorld

before(async () => {
  world = await startWorld()
})
after(() => world?.close())

const repository = 'live-quiz-backend'
const image = `${registryHost}/${repository}`

const pushed = (tag: string): Promise<string> => world.docker(['push', '--quiet', `${image}:${tag}`])
const images = async (): Promise<ImageDetail[]> =>
  (await world.ask<{ imageDetails: ImageDetail[] }>('ecr', 'DescribeImages', { repositoryName: repository }))
    .imageDetails

const untag = (imageTag: string) =>
  world.ask('ecr', 'BatchDeleteImage', { repositoryName: repository, imageIds: [{ imageTag }] })
const removeOther = (...flags: string[]) => world.aws`aws ecr delete-repository --repository-name other ${flags}`

describe('a repository', () => {
  it('is created once, with its address for docker', async () => {
    const created = await world.aws<{
      repository: { repositoryUri: string }
    }>`aws ecr create-repository --repository-name ${repository} --image-scanning-configuration scanOnPush=true`
    assert.equal(created.repository.repositoryUri, image)
    assert.match(
      await refusal(world.aws`aws ecr create-repository --repository-name ${repository}`),
      /\(RepositoryAlreadyExistsException\).*: The repository with name 'live-quiz-backend' already exists in the registry with id '000000000000'/,
    )
  })

  it('that does not exist is refused in the words of ECR', async () => {
    assert.match(
      await refusal(world.aws`aws ecr describe-repositories --repository-names nope`),
      /\(RepositoryNotFoundException\).*: The repository with name 'nope' does not exist in the registry with id '000000000000'/,
    )
  })

  it('keeps its lifecycle policy, and refuses one that ECR would refuse', async () => {
    const rule = {
      rulePriority: 1,
      selection: { tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 5 },
      action: { type: 'expire' },
    }
    const put = (rules: unknown[]) =>
      world.ask<{ lifecyclePolicyText: string }>('ecr', 'PutLifecyclePolicy', {
        repositoryName: repository,
        lifecyclePolicyText: JSON.stringify({ rules }),
      })
    await put([rule])
    const kept = await world.aws<{
      lifecyclePolicyText: string
    }>`aws ecr get-lifecycle-policy --repository-name ${repository}`
    assert.deepEqual(JSON.parse(kept.lifecyclePolicyText), { rules: [rule] })
    await assert.rejects(put([{ ...rule, selection: { ...rule.selection, countUnit: 'days' } }]), /countUnit/)
    await assert.rejects(put([rule, rule]), /rulePriority must be unique/)
  })
})

describe('docker', () => {
  it('is turned away without a login, and with a wrong password', async () => {
    await world.build(`${image}:1`, 'console.log(1)')
    assert.match(await refusal(pushed('1')), /no basic auth credentials/)
    assert.match(
      await refusal(world.docker(['login', '--username', 'AWS', '--password-stdin', registryHost], 'wrong')),
      /401 Unauthorized/,
    )
  })

  it('logs in, pushes and pulls the same digest', async () => {
    assert.match(await world.login(), /Login Succeeded/)
    await pushed('1')
    const [detail] = await images()
    assert.deepEqual(detail?.imageTags, ['1'])
    await world.docker(['rmi', `${image}:1`])
    assert.match(await world.docker(['pull', `${image}:1`]), new RegExp(`Digest: ${detail.imageDigest}`))
  })

  it('pushes nothing twice: the same layers in another repository are mounted', async () => {
    await world.aws`aws ecr create-repository --repository-name other`
    await world.docker(['tag', `${image}:1`, `${registryHost}/other:1`])
    assert.match(await world.docker(['push', `${registryHost}/other:1`]), /Mounted from live-quiz-backend/)
    await world.docker(['rmi', `${registryHost}/other:1`])
  })

  it('learns that a repository or a tag does not exist', async () => {
    await world.docker(['tag', `${image}:1`, `${registryHost}/nope:1`])
    const refused = await refusal(world.docker(['push', `${registryHost}/nope:1`]))
    assert.match(refused, /name unknown: The repository with name 'nope' does not exist in the registry/)
    assert.match(await refusal(world.docker(['pull', `${image}:none`])), /manifest unknown/)
    await world.docker(['rmi', `${registryHost}/nope:1`])
  })

  it('is refused when its login has expired, twelve hours later', async (t) => {
    await world.login()
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 12 * 60 * 60 * 1000 })
    assert.match(
      await refusal(pushed('1')),
      /denied: Your authorization token has expired\. Reauthenticate and try again\./,
    )
    t.mock.timers.reset()
    await pushed('1')
  })
})

describe('an image', () => {
  it('can be given another tag without docker, and keeps its digest', async () => {
    const [before_] = await images()
    const got = await world.aws<{
      images: { imageManifest: string; imageId: unknown }[]
    }>`aws ecr batch-get-image --repository-name ${repository} --image-ids imageTag=1`
    const manifest = got.images[0]!.imageManifest
    await world.aws`aws ecr put-image --repository-name ${repository} --image-tag latest --image-manifest ${manifest}`
    const [after_] = await images()
    assert.deepEqual(after_?.imageTags, ['1', 'latest'])
    assert.equal(after_.imageDigest, before_?.imageDigest)
    assert.match(
      await refusal(
        world.aws`aws ecr put-image --repository-name ${repository} --image-tag 1 --image-manifest ${manifest}`,
      ),
      /\(ImageAlreadyExistsException\)/,
    )
  })

  it('that is missing is a failure of a batch, and an error of describe-images', async () => {
    const { failures } = await world.aws<{
      failures: { failureCode: string }[]
    }>`aws ecr batch-get-image --repository-name ${repository} --image-ids imageTag=none`
    assert.equal(failures[0]?.failureCode, 'ImageNotFound')
    assert.match(
      await refusal(world.aws`aws ecr describe-images --repository-name ${repository} --image-ids imageTag=none`),
      /\(ImageNotFoundException\).*: The image with imageId \{imageDigest:'null', imageTag:'none'\} does not exist within the repository with name 'live-quiz-backend'/,
    )
  })

  it('is not scanned here, and its scan says so', async () => {
    const { imageScanStatus } = await world.aws<{
      imageScanStatus: { status: string }
    }>`aws ecr describe-image-scan-findings --repository-name ${repository} --image-id imageTag=1`
    assert.equal(imageScanStatus.status, 'UNSUPPORTED_IMAGE')
  })

  it('goes with its last tag', async () => {
    await untag('latest')
    assert.equal((await images()).length, 1)
    await untag('1')
    assert.equal((await images()).length, 0)
  })

  it('is expired by the lifecycle policy with the next push', async () => {
    const selection = { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 1 }
    const policy = JSON.stringify({ rules: [{ rulePriority: 1, selection, action: { type: 'expire' } }] })
    await pushed('1')
    await world.aws`aws ecr put-lifecycle-policy --repository-name ${repository} --lifecycle-policy-text ${policy}`
    assert.equal((await images()).length, 1)
    await world.build(`${image}:2`, 'console.log(2)')
    await pushed('2')
    assert.deepEqual(
      (await images()).map(({ imageTags }) => imageTags),
      [['2']],
    )
    assert.match(await refusal(world.docker(['pull', `${image}:1`])), /manifest unknown/)
  })

  it('keeps its repository from being deleted, unless that is forced', async () => {
    assert.match(await refusal(removeOther()), /\(RepositoryNotEmptyException\)/)
    await removeOther('--force')
    assert.match(await refusal(removeOther()), /\(RepositoryNotFoundException\)/)
  })
})
