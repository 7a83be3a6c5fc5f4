package ecs

import "fairlead/local/world"

// limit is one of ECS's buckets of request throttling.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
type limit struct{ burst, rate float64 }

const (
	definitionModify      = "task definition modify"
	definitionRead        = "task definition read"
	serviceModify         = "service modify" // StopServiceDeployment is in no bucket of AWS's list; here it is in this one
	serviceRead           = "service read"
	deploymentRead        = "service deployment read"
	revisionRead          = "service revision read"
	clusterModify         = "cluster modify"
	clusterRead           = "cluster read"
	clusterResourceModify = "cluster resource modify"
	clusterResourceRead   = "cluster resource read"
	tagModify             = "tag modify"
	tagRead               = "tag read"
)

func limits() map[string]limit {
	return map[string]limit{
		definitionModify: {burst: 20, rate: 1}, definitionRead: {burst: 50, rate: 20},
		serviceModify: {burst: 50, rate: 5}, serviceRead: {burst: 100, rate: 20},
		deploymentRead: {burst: 50, rate: 20}, revisionRead: {burst: 50, rate: 20},
		clusterModify: {burst: 20, rate: 1}, clusterRead: {burst: 50, rate: 20},
		clusterResourceModify: {burst: 100, rate: 40}, clusterResourceRead: {burst: 100, rate: 20},
		tagModify: {burst: 20, rate: 10}, tagRead: {burst: 50, rate: 20},
	}
}

// limited makes an operation that is throttled as AWS throttles it, whatever the pace.
func limited[In, Out any](s *Service, bucket string, serve func(*world.Call, In) (Out, error)) world.Operation {
	operation := world.Op(serve)
	return func(c *world.Call) (any, error) {
		if !s.take(bucket) {
			return nil, world.Errorf("ThrottlingException", "Rate exceeded")
		}
		return operation(c)
	}
}

func (s *Service) take(name string) bool {
	b, ok := s.state.Buckets[name]
	if !ok {
		l := limits()[name]
		b = &world.Bucket{Burst: l.burst, Rate: l.rate, At: s.w.Now()}
		s.state.Buckets[name] = b
	}
	return b.Take(s.w.Now())
}
