/** What the local AWS does not do with a resource, by type: `make local-status` lists it for whatever is deployed. */
export const limits: Record<string, string> = {
  'AWS::CDK::Metadata': 'recorded only',
  'AWS::CloudFormation::WaitConditionHandle': 'recorded only',
  'AWS::CloudWatch::Alarm': 'stored, never evaluated',
  'AWS::CloudWatch::Dashboard': 'stored, never drawn',
  'AWS::EC2::EIP': 'an address that nothing listens on',
  'AWS::EC2::InternetGateway': 'stored, carries no traffic',
  'AWS::EC2::NatGateway': 'stored, carries no traffic',
  'AWS::EC2::SecurityGroup': 'stored, filters no traffic',
  'AWS::EC2::VPCEndpoint': 'stored, carries no traffic',
  'AWS::IAM::ManagedPolicy': 'stored, not enforced',
  'AWS::IAM::Policy': 'stored, not enforced',
  'AWS::IAM::Role': 'can be assumed, its policies are not enforced',
  'AWS::KMS::Alias': 'recorded only',
  'AWS::KMS::Key': 'recorded only, encrypts nothing',
  'AWS::SNS::Subscription': 'stored, no mail is sent',
}
