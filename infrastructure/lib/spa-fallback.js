// Runs in CloudFront (cloudfront-js-2.0) on each request for the page: a path without an extension is a place inside the
// single-page app, so it is answered with the app's document. A path with one is a file: missing, it stays a real 404. So
// is a path below /.well-known/, where standards give the names (RFC 8615): apple-app-site-association has no extension.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
// oxlint-disable-next-line no-unused-vars -- CloudFront calls it by this name
function handler(event) {
  const request = event.request
  const lastSegment = request.uri.slice(request.uri.lastIndexOf('/') + 1)
  if (!lastSegment.includes('.') && !request.uri.startsWith('/.well-known/')) request.uri = '/index.html'
  return request
}
