import { recording, siteVerbs, type Permission } from './verbs.mts'

/** Site, ledger, and what a run looks up. */
export const sitePermissions = {
  ReadSite: {
    actions: ['s3:GetObject', 's3:GetObjectTagging'],
    on: ({ siteFiles }) => [siteFiles],
    verbs: [...siteVerbs, 'check', 'diff', 'status'],
    why: 'the live page, and the manifest of a release; version 2 of the CLI asks for the tags of what it copies in parts',
  },
  ListSite: {
    actions: ['s3:ListBucket'],
    on: ({ siteBucket }) => [siteBucket],
    verbs: [...siteVerbs, 'check', 'destroy', 'diff', 'status'],
    why: 'which files are there, so that only others are uploaded',
  },
  WriteSite: {
    actions: ['s3:PutObject'],
    on: ({ siteFiles }) => [siteFiles],
    verbs: [...siteVerbs, 'backend'],
    why: 'the files of a release, their copies that are live, and the list of an image’s packages',
  },
  InvalidateSite: {
    actions: ['cloudfront:CreateInvalidation'],
    on: ({ distributions }) => [distributions],
    when: ({ names }) => ({ StringEquals: { 'aws:ResourceTag/environment': names.environment } }),
    verbs: siteVerbs,
    why: 'the CDN fetches the new page; its id is not known beforehand, its tags are',
  },
  ReadInvalidations: {
    actions: ['cloudfront:GetInvalidation', 'cloudfront:ListInvalidations'],
    on: ({ distributions }) => [distributions],
    when: ({ names }) => ({ StringEquals: { 'aws:ResourceTag/environment': names.environment } }),
    verbs: [...siteVerbs, 'debug', 'invalidation'],
    why: 'whether the CDN has the new page',
  },
  ReadLock: {
    actions: ['dynamodb:GetItem'],
    on: ({ ledger }) => [ledger],
    verbs: [...recording, 'check', 'destroy', 'releases', 'status', 'unlock', 'watch'],
    why: 'who holds the lock, and the record of one release',
  },
  ReadLedger: {
    actions: ['dynamodb:Query'],
    on: ({ ledger }) => [ledger],
    verbs: [...recording, 'check', 'diff', 'releases', 'revisions', 'status', 'watch'],
    why: 'the releases',
  },
  WriteLedger: {
    actions: ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    on: ({ ledger }) => [ledger],
    verbs: [...recording, 'destroy', 'unlock'],
    why: 'the record of a run, and the lock while it lasts',
  },
  IsSecretThere: {
    actions: ['secretsmanager:DescribeSecret'],
    on: ({ adminSecret }) => [adminSecret],
    verbs: ['check'],
    why: 'whether the admin secret exists; not its value',
  },
  ReadCertificate: {
    actions: ['acm:DescribeCertificate'],
    on: ({ certificates }) => [certificates],
    verbs: ['check'],
    why: 'whether the certificate of the site’s own domain is issued, and for how long',
  },
  ReadWebhook: {
    actions: ['ssm:GetParameter'],
    on: ({ slackWebhook }) => [slackWebhook],
    verbs: recording,
    why: 'where a run is announced, if there is such a parameter',
  },
} as const satisfies Record<string, Permission>
