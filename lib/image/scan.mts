import { read } from '../script/shell.mts'

/** What ECR found in an image. */
export interface Scan {
  isComplete: boolean
  isUnderWay: boolean
  /** `COMPLETE`, or why there is no result. */
  detail: string
  critical: number
  high: number
}

/** The scan of an image after its push (https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html). */
export async function readScan(repositoryName: string, digest: string): Promise<Scan> {
  // the counts are on each page
  const found = await read<Answer>({
    absent: /(ScanNotFound|ImageNotFound|RepositoryNotFound)Exception/,
  })`aws ecr describe-image-scan-findings --repository-name ${repositoryName} --image-id ${`imageDigest=${digest}`} --max-items 1`
  if (!found) return { isComplete: false, isUnderWay: false, detail: 'it was not scanned', critical: 0, high: 0 }
  const { status, description } = found.imageScanStatus
  const { CRITICAL = 0, HIGH = 0 } = found.imageScanFindings?.findingSeverityCounts ?? {}
  return {
    // the second is of continuous scanning
    isComplete: status === 'COMPLETE' || status === 'ACTIVE',
    isUnderWay: status === 'IN_PROGRESS' || status === 'PENDING',
    detail: description ? `${status}: ${description}` : status,
    critical: CRITICAL,
    high: HIGH,
  }
}

interface Answer {
  imageScanStatus: { status: string; description?: string }
  imageScanFindings?: { findingSeverityCounts?: { CRITICAL?: number; HIGH?: number } }
}

/** The command that lists them. */
export function findingsCommand(repositoryName: string, digest: string): string {
  return `aws ecr describe-image-scan-findings --repository-name ${repositoryName} --image-id imageDigest=${digest}`
}
