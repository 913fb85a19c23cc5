/** What the local AWS does not do with a resource, by type: `make local-status` lists it for whatever is deployed. */
export const limits: Record<string, string> = {
  'AWS::Budgets::Budget': 'recorded only, counts no money',
  'AWS::CDK::Metadata': 'recorded only',
  'AWS::CloudWatch::Alarm': 'stored, never evaluated',
  'AWS::CloudWatch::Dashboard': 'stored, never drawn',
  'AWS::EC2::EIP': 'recorded only, nothing listens on the address',
  'AWS::EC2::FlowLog': 'recorded only, logs nothing',
  'AWS::EC2::InternetGateway': 'recorded only, carries no traffic',
  'AWS::EC2::NatGateway': 'recorded only, carries no traffic',
  'AWS::EC2::SecurityGroup': 'recorded only, filters no traffic',
  'AWS::EC2::VPCEndpoint': 'recorded only, carries no traffic',
  'AWS::Events::Rule': 'recorded only, no event is delivered',
  'AWS::KMS::Alias': 'recorded only',
  'AWS::KMS::Key': 'recorded only, encrypts nothing',
  'AWS::Logs::MetricFilter': 'recorded only, counts nothing',
  'AWS::Route53::RecordSet': 'recorded only, no name server answers',
  'AWS::SNS::Subscription': 'recorded only, no mail is sent',
}
