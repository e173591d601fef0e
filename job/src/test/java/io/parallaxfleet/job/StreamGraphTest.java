package io.parallaxfleet.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What has to be true of every operator of the whole job, Kafka's sources and sinks included, for savepoints to be of use. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamGraphTest {
    private Collection<StreamNode> operators;

    @BeforeAll
    void build() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2);
        FleetJob.build(env, JobOptions.defaults("localhost:1", URI.create("http://localhost:2")), new PublishedThresholds(Map.of()));
        operators = env.getStreamGraph().getStreamNodes();
        assertFalse(operators.isEmpty());
    }

    @Test
    void everyOperatorHasAUidByWhichASavepointFindsItsState() {
        List<String> without = operators.stream()
                .filter(operator -> operator.getTransformationUID() == null)
                .map(StreamNode::getOperatorName)
                .toList();

        assertEquals(List.of(), without);
    }

    @Test
    void noTwoOperatorsShareAUid() {
        assertEquals(operators.size(), operators.stream().map(StreamNode::getTransformationUID).distinct().count());
    }

    @Test
    void everyOperatorHasTheMaxParallelismThatSavepointsAreMadeWith() {
        List<String> other = operators.stream()
                .filter(operator -> operator.getMaxParallelism() != FleetJob.MAX_PARALLELISM)
                .map(operator -> operator.getOperatorName() + " has " + operator.getMaxParallelism())
                .toList();

        assertEquals(List.of(), other);
    }

    /** Between tasks records take turns and overtake each other. */
    @Test
    void commandsStayInOneTaskUntilTheyAreKeyedByClass() {
        List<Integer> tasks = operators.stream()
                .filter(operator -> List.of("class-commands", "rollout-commands").contains(operator.getTransformationUID()))
                .map(StreamNode::getParallelism)
                .toList();

        assertEquals(List.of(1, 1), tasks);
    }
}
