/* What the stack is built with and no setting changes: the settings have to fit it. */

/** Seconds after which the load balancer cuts a silent connection. */
export const idleTimeoutSeconds = 60

/** Good answers in a row that make a task healthy for the load balancer. */
export const healthyThreshold = 2

/** Minutes that the alarms of a deployment look back, for which ECS watches them. A longer one would make every deployment longer. */
export const deploymentAlarmMinutes = 3
