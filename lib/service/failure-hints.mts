/*
 * What the words of ECS, the load balancer and the container itself usually mean. Matched in order against all of them:
 * what has one cause only comes before what has many.
 */
const known: [RegExp, string][] = [
  [
    /exec format error|descriptor matching platform|no match(ing manifest)? for .*platform|image.*does not match.*platform/i,
    'architecture: the image was built for another CPU than the tasks have; build it for the platform of the task definition',
  ],
  [
    /CannotPull\w*:?.*(manifest unknown|not found|does not exist)/is,
    'image missing: the repository has no such image any more; deploy again, or roll back to a revision whose image is there',
  ],
  [
    /CannotPull\w*:?.*(\b403\b|denied|no basic auth|not authorized)/is,
    'the task execution role may not pull the image; deploying the infrastructure sets its rights anew',
  ],
  [
    /(CannotPull|ResourceInitializationError).*(timeout|timed out|deadline|connection refused|no such host)/is,
    'no way out: the tasks reach no ECR or Secrets Manager; look at the NAT gateway, the routes and the security group',
  ],
  [
    /ResourceInitializationError.*(secret|ssm|parameter)/is,
    'secret missing: a secret of the task definition does not exist, lacks that key, or may not be read by the execution role',
  ],
  [
    /ResourceInitializationError.*(log ?group|log ?stream|awslogs|logs:)|log group does not exist/is,
    'log group missing: deploying the infrastructure creates it',
  ],
  [
    /unable to assume (the )?role|not authorized to perform: sts:AssumeRole/i,
    'ECS may not assume a role of the task: deploy the infrastructure anew',
  ],
  [
    /capacity is unavailable|RESOURCE:|unable to place a task.*(capacity|limit|insufficient)|limit on the number of (tasks|vCPUs)/is,
    'no capacity: Fargate has none there at the moment, or a quota of the account is reached; try again, or ask for more',
  ],
  [
    /OutOfMemory|JavaScript heap out of memory|exit code 137/i,
    'out of memory, or killed because it did not stop in time: compare TASK_MEMORY_MIB with what it needs',
  ],
  [/EADDRINUSE|EACCES: .*listen/, 'port: something else has the port, or the user of the image may not listen on it'],
  [
    /Cannot find (module|package)|ERR_MODULE_NOT_FOUND|executable file not found|exit code 12[67]/,
    'crash at start: the image lacks a file; look at its Dockerfile, .dockerignore and dependencies',
  ],
  [/Essential container in task exited/, 'crash at start: the container ended by itself; its last lines tell why'],
  [
    /health checks failed with these codes: \[\d+\]|Target\.ResponseCodeMismatch/i,
    'health path: the task answers /health with another status than 200; its log tells why',
  ],
  [
    /Request timed out|Target\.Timeout|Target\.FailedHealthChecks|\(reason Health checks failed\)/i,
    'port: nothing answers the load balancer in time; the container has to listen on 0.0.0.0 and its port, and the security group has to let it in',
  ],
  [
    /failed container health checks/i,
    'health path: the container’s own health check asks http://127.0.0.1 for /health and got no 200',
  ],
  [/is not authorized to perform|AccessDenied/, 'a permission is missing: the task role lacks what the log lines name'],
]

/** One line on the likely cause; undefined when the words are not known. */
export function hintFor(words: string[]): string | undefined {
  const text = words.join('\n')
  return known.find(([pattern]) => pattern.test(text))?.[1]
}
