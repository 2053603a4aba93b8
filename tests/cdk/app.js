// The app of which Network.template.json and Shop.template.json are the synthesis (aws-cdk-lib 2.276.0):
//   npm install aws-cdk aws-cdk-lib constructs && npx cdk synth --quiet -a "node app.js" -o out
// npm and the synthesis take 45 seconds, so the tests read what came of it.
const cdk = require('aws-cdk-lib');
const ec2 = require('aws-cdk-lib/aws-ec2');
const sns = require('aws-cdk-lib/aws-sns');
const sm = require('aws-cdk-lib/aws-secretsmanager');
const elasticache = require('aws-cdk-lib/aws-elasticache');

const app = new cdk.App();

class Network extends cdk.Stack {
  constructor(scope, id) {
    super(scope, id);
    this.vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 0, subnetConfiguration: [{ name: 'caches', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }] });
  }
}

class Shop extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const firewall = new ec2.SecurityGroup(this, 'Firewall', { vpc: props.vpc });
    const alarms = new sns.Topic(this, 'Alarms');
    const subnets = new elasticache.CfnSubnetGroup(this, 'Subnets', {
      description: 'of the shop', subnetIds: props.vpc.isolatedSubnets.map((subnet) => subnet.subnetId),
    });
    const settings = new elasticache.CfnParameterGroup(this, 'Settings', {
      cacheParameterGroupFamily: 'valkey8', description: 'of the shop', properties: { 'maxmemory-policy': 'allkeys-lfu' },
    });
    const sessions = new elasticache.CfnReplicationGroup(this, 'Sessions', {
      replicationGroupDescription: 'sessions', engine: 'valkey', engineVersion: '8.0', cacheNodeType: 'cache.t3.micro',
      numCacheClusters: 2, transitEncryptionEnabled: true, automaticFailoverEnabled: true, multiAzEnabled: true,
      cacheSubnetGroupName: subnets.ref, cacheParameterGroupName: settings.ref,
      securityGroupIds: [firewall.securityGroupId], notificationTopicArn: alarms.topicArn,
    });
    const pages = new elasticache.CfnCacheCluster(this, 'Pages', {
      engine: 'memcached', cacheNodeType: 'cache.t3.micro', numCacheNodes: 2, cacheSubnetGroupName: subnets.ref,
    });
    cdk.Tags.of(this).add('team', 'shop');
    new cdk.CfnOutput(this, 'SessionsHost', { value: sessions.attrPrimaryEndPointAddress });
    new cdk.CfnOutput(this, 'SessionsPort', { value: sessions.attrPrimaryEndPointPort });
    new cdk.CfnOutput(this, 'PagesUrl', { value: `memcached://${pages.attrConfigurationEndpointAddress}:${pages.attrConfigurationEndpointPort}` });
    new cdk.CfnOutput(this, 'AlarmsArn', { value: alarms.topicArn });
  }
}

const network = new Network(app, 'Network');
new Shop(app, 'Shop', { vpc: network.vpc });
app.synth();
