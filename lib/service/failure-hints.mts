/*
 * What messages of ECS, the load balancer and the container usually mean. The first pattern that matches wins, so messages
 * with a single cause come before those with many.
 */
const known: [RegExp, string][] = [
  [
    /exec format error|descriptor matching platform|no match(ing manifest)? for .*platform|image.*does not match.*platform/i,
    'architecture: the image was built for another CPU than the tasks run on; build it for the platform of the task definition',
  ],
  [
    /CannotPull\w*:?.*(manifest unknown|not found|does not exist)/is,
    'image missing: the repository no longer has that image; deploy again, or roll back to a revision whose image exists',
  ],
  [
    /CannotPull\w*:?.*(\b403\b|denied|no basic auth|not authorized)/is,
    'the task execution role may not pull the image; deploy the infrastructure again to reset its permissions',
  ],
  [
    /(CannotPull|ResourceInitializationError).*(timeout|timed out|deadline|connection refused|no such host)/is,
    'no way out: the tasks cannot reach ECR or Secrets Manager; check the NAT gateway, the routes and the security group',
  ],
  [
    /ResourceInitializationError.*(secret|ssm|parameter)/is,
    'secret missing: a secret of the task definition does not exist, lacks that key, or may not be read by the execution role',
  ],
  [
    /ResourceInitializationError.*(log ?group|log ?stream|awslogs|logs:)|log group does not exist/is,
    'log group missing: deploy the infrastructure to create it',
  ],
  [
    /unable to assume (the )?role|not authorized to perform: sts:AssumeRole/i,
    'ECS may not assume a role of the task: deploy the infrastructure again',
  ],
  [
    /capacity is unavailable|RESOURCE:|unable to place a task.*(capacity|limit|insufficient)|limit on the number of (tasks|vCPUs)/is,
    'no capacity: Fargate has none there at the moment, or the account has reached a quota; try again, or request more',
  ],
  [
    /OutOfMemory|JavaScript heap out of memory|exit code 137/i,
    'out of memory, or killed because it did not stop in time: compare TASK_MEMORY_MIB with what the task needs',
  ],
  [/EADDRINUSE|EACCES: .*listen/, 'port: something else uses the port, or the image’s user may not listen on it'],
  [
    /Cannot find (module|package)|ERR_MODULE_NOT_FOUND|executable file not found|exit code 12[67]/,
    'crash at start: the image lacks a file; check its Dockerfile, .dockerignore and dependencies',
  ],
  [
    /Essential container in task exited/,
    'crash at start: the container exited on its own; its last log lines show why',
  ],
  [
    /health checks failed with these codes: \[\d+\]|Target\.ResponseCodeMismatch/i,
    'health path: the task answers /health with a status other than 200; its log shows why',
  ],
  [
    /Request timed out|Target\.Timeout|Target\.FailedHealthChecks|\(reason Health checks failed\)/i,
    'port: nothing answers the load balancer in time; the container must listen on 0.0.0.0 and its port, and the security group must allow it',
  ],
  [
    /failed container health checks/i,
    'health path: the container’s own health check requests /health on 127.0.0.1 and did not get a 200',
  ],
  [
    /deployment failed: alarm detected/,
    'alarm: the release passed its health check and failed after it; its log shows how',
  ],
  [
    /is not authorized to perform|AccessDenied/,
    'a permission is missing: the task role lacks the one that the log names',
  ],
]

/** One line on the likely cause; undefined when no message is known. */
export function hintFor(messages: string[]): string | undefined {
  const text = messages.join('\n')
  return known.find(([pattern]) => pattern.test(text))?.[1]
}
