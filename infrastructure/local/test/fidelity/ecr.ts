import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FidelityWorld } from './world.ts'

const repositoryName = 'live-quiz-backend-local'

/** Leaves an image that a task can run. */
export function ecrTests(world: FidelityWorld): void {
  const { valid, refused, made } = world

  test('ECR: a repository and its lifecycle policy', async () => {
    await valid('ecr', 'CreateRepository', {
      repositoryName,
      imageScanningConfiguration: { scanOnPush: true },
      imageTagMutability: 'MUTABLE',
      encryptionConfiguration: { encryptionType: 'AES256' },
      tags: [{ Key: 'project', Value: 'live-quiz' }],
    })
    const named = { repositoryName }
    assert.match(await refused('ecr', 'CreateRepository', named), /^RepositoryAlreadyExistsException: /)
    assert.match(await refused('ecr', 'GetLifecyclePolicy', named), /^LifecyclePolicyNotFoundException: /)
    const rule = {
      rulePriority: 1,
      selection: { tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 5 },
      action: { type: 'expire' },
    }
    const lifecyclePolicyText = JSON.stringify({ rules: [rule] })
    await valid('ecr', 'PutImageTagMutability', {
      ...named,
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'latest' }],
    })
    await valid('ecr', 'PutLifecyclePolicy', { ...named, lifecyclePolicyText })
    await valid('ecr', 'GetLifecyclePolicy', named)
    const odd = { ...named, lifecyclePolicyText: '{"rules":[{}]}' }
    assert.match(await refused('ecr', 'PutLifecyclePolicy', odd), /^InvalidParameterException: /)
    await valid('ecr', 'DescribeRepositories')
    for (const operation of ['DescribeImages', 'ListImages', 'DeleteRepository', 'GetLifecyclePolicy']) {
      const missing = { repositoryName: 'missing' }
      assert.match(await refused('ecr', operation, missing), /^RepositoryNotFoundException: /)
    }
  })

  test('ECR: an image that docker has pushed', async () => {
    const { authorizationData } = await valid<{ authorizationData: { authorizationToken: string }[] }>(
      'ecr',
      'GetAuthorizationToken',
    )
    made.image = await world.push(repositoryName, authorizationData[0]!.authorizationToken)
    const [, imageDigest] = made.image.split('@')
    const named = { repositoryName }
    await valid('ecr', 'DescribeImages', named)
    await valid('ecr', 'ListImages', named)
    const imageIds = [{ imageTag: '1' }, { imageTag: 'missing' }]
    const { images, failures } = await valid<{ images: { imageManifest: string }[]; failures: unknown[] }>(
      'ecr',
      'BatchGetImage',
      { ...named, imageIds },
    )
    assert.equal(failures.length, 1)
    const { imageManifest } = images[0]!
    await valid('ecr', 'PutImage', { ...named, imageManifest, imageTag: 'latest' })
    assert.match(
      await refused('ecr', 'PutImage', { ...named, imageManifest, imageTag: 'latest' }),
      /^ImageAlreadyExistsException: /,
    )
    await valid('ecr', 'DescribeImageScanFindings', { ...named, imageId: { imageDigest } })
    const absent = { ...named, imageIds: [{ imageTag: 'missing' }] }
    assert.match(await refused('ecr', 'DescribeImages', absent), /^ImageNotFoundException: /)
    assert.match(await refused('ecr', 'DeleteRepository', named), /^RepositoryNotEmptyException: /)
    await valid('ecr', 'BatchDeleteImage', { ...named, imageIds: [{ imageTag: 'latest' }, { imageTag: 'missing' }] })
  })
}

export function repositoryRemovalTests({ valid }: FidelityWorld): void {
  test('ECR: a repository is removed with its images', async () => {
    await valid('ecr', 'DeleteRepository', { repositoryName, force: true })
  })
}
