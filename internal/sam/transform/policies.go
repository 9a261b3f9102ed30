package transform

import (
	"fmt"
	"strings"
	"sync"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// policyTemplates are the policy templates of SAM by the parameters they
// need
// (https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html).
var policyTemplates = map[string]string{
	"": `AMIDescribePolicy CloudFormationDescribeStacksPolicy CloudWatchDashboardPolicy
		CloudWatchDescribeAlarmHistoryPolicy CloudWatchPutMetricPolicy CodePipelineLambdaExecutionPolicy
		ComprehendBasicAccessPolicy CostExplorerReadOnlyPolicy EC2DescribePolicy EKSDescribePolicy
		MobileAnalyticsWriteOnlyAccessPolicy OrganizationsListAccountsPolicy RekognitionDetectOnlyPolicy
		RekognitionFacesPolicy RekognitionLabelsPolicy SESEmailTemplateCrudPolicy
		ServerlessRepoReadWriteAccessPolicy TextractDetectAnalyzePolicy TextractGetResultPolicy
		TextractPolicy VPCAccessPolicy`,
	"BucketName":     "S3CrudPolicy S3FullAccessPolicy S3ReadPolicy S3WritePolicy",
	"CertificateArn": "AcmGetCertificatePolicy",
	"ClusterId": `ElasticMapReduceAddJobFlowStepsPolicy ElasticMapReduceCancelStepsPolicy
		ElasticMapReduceModifyInstanceFleetPolicy ElasticMapReduceModifyInstanceGroupsPolicy
		ElasticMapReduceSetTerminationProtectionPolicy ElasticMapReduceTerminateJobFlowsPolicy`,
	"CollectionId": `RekognitionFacesManagementPolicy RekognitionNoDataAccessPolicy RekognitionReadPolicy
		RekognitionWriteOnlyAccessPolicy`,
	"DeliveryStreamName":    "FirehoseCrudPolicy FirehoseWritePolicy",
	"DomainName":            "ElasticsearchHttpPostPolicy",
	"EndpointConfigName":    "SageMakerCreateEndpointConfigPolicy",
	"EndpointName":          "SageMakerCreateEndpointPolicy",
	"EventBusName":          "EventBridgePutEventsPolicy",
	"FunctionName":          "AWSSecretsManagerRotationPolicy LambdaInvokePolicy",
	"HostedZoneId":          "Route53ChangeResourceRecordSetsPolicy",
	"IdentityName":          "SESBulkTemplatedCrudPolicy SESCrudPolicy SESSendBouncePolicy",
	"ImageId":               "EC2CopyImagePolicy",
	"KeyId":                 "KMSDecryptPolicy KMSEncryptPolicy KMSEncryptPolicy_v2",
	"LexiconName":           "PollyFullAccessPolicy",
	"LogGroupName":          "FilterLogEventsPolicy",
	"ParameterName":         "SSMParameterReadPolicy SSMParameterWithSlashPrefixReadPolicy",
	"PinpointApplicationId": "PinpointEndpointAccessPolicy",
	"PipelineName":          "CodePipelineReadOnlyPolicy",
	"QueueName":             "SQSPollerPolicy SQSSendMessagePolicy",
	"RepositoryName":        "CodeCommitCrudPolicy CodeCommitReadPolicy",
	"SecretArn":             "AWSSecretsManagerGetSecretValuePolicy",
	"StateMachineName":      `StepFunctionsCallbackPolicy StepFunctionsExecutionPolicy StepFunctionsExecutionPolicy_v2`,
	"StreamName":            "KinesisCrudPolicy KinesisStreamReadPolicy",
	"TableName": `DynamoDBBackupFullAccessPolicy DynamoDBCrudPolicy DynamoDBReadPolicy DynamoDBReconfigurePolicy
		DynamoDBRestoreFromBackupPolicy DynamoDBWritePolicy`,
	"TaskDefinition":            "EcsRunTaskPolicy",
	"TopicName":                 "SNSCrudPolicy SNSPublishMessagePolicy",
	"WorkGroupName":             "AthenaQueryPolicy",
	"AccessPoint FileSystem":    "EFSWriteAccessPolicy",
	"IdentityName TemplateName": "SESBulkTemplatedCrudPolicy_v2",
	"StreamName TableName":      "DynamoDBStreamReadPolicy",
}

// policyParameters returns the parameters that each policy template needs.
var policyParameters = sync.OnceValue(func() map[string][]string {
	m := make(map[string][]string)
	for parameters, names := range policyTemplates {
		for name := range strings.FieldsSeq(names) {
			m[name] = strings.Fields(parameters)
		}
	}
	return m
})

// checkPolicies refuses policy templates without the parameters they need.
func checkPolicies(id string, policies *tree.Value) error {
	items := policies.Items()
	if !policies.Is(tree.List) && policies.Truthy() {
		items = []*tree.Value{policies}
	}
	for _, policy := range items {
		branches := []*tree.Value{policy}
		if condition, ok := policy.Entry("Fn::If"); ok && policy.Len() == 1 {
			if condition.Value.Len() != 3 || !condition.Value.Is(tree.List) {
				return &tree.Error{
					Pos:  condition.Key.Pos(),
					What: fmt.Sprintf("Fn::If in the Policies of %q does not have three parts", id),
					Why:  refused,
					Fix:  "write a condition and two policies",
				}
			}
			branches = condition.Value.Items()[1:]
		}
		for _, branch := range branches {
			if err := checkPolicy(id, branch); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkPolicy(id string, policy *tree.Value) error {
	if policy.Len() != 1 || !policy.Is(tree.Map) {
		return nil
	}
	e := policy.Entries()[0]
	needed, ok := policyParameters()[e.Name()]
	if !ok {
		return nil
	}
	for _, name := range needed {
		if !e.Value.Has(name) {
			return &tree.Error{
				Pos:  e.Key.Pos(),
				What: fmt.Sprintf("policy template %s of %q lacks its parameter %s", e.Name(), id, name),
				Why:  refused,
				Fix:  fmt.Sprintf("write \"%s: …\" below it", name),
			}
		}
	}
	if !e.Value.Is(tree.Map) {
		return &tree.Error{
			Pos:  e.Key.Pos(),
			What: fmt.Sprintf("policy template %s of %q has no parameters", e.Name(), id),
			Why:  refused,
			Fix:  "write \"{}\" after its colon",
		}
	}
	return nil
}
