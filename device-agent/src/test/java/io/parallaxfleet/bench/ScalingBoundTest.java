package io.parallaxfleet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.bench.ScalingBound.Operator;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ScalingBoundTest {
    @Test
    @DisplayName("a chain of operators that scale has nothing to gain")
    void chain() {
        ScalingBound bound = ScalingBound.of(
                List.of(new Operator("Conv", List.of(), 100, 50), new Operator("Conv", List.of(0), 200, 100)), 2);

        assertEquals(150, bound.nanos());
        assertEquals(150, bound.oneAfterAnotherNanos());
    }

    @Test
    @DisplayName("a chain of operators that do not scale leaves a core idle and nothing to put there")
    void chainThatDoesNotScale() {
        ScalingBound bound = ScalingBound.of(
                List.of(new Operator("Softmax", List.of(), 100, 100), new Operator("Transpose", List.of(0), 100, 100)), 2);

        assertEquals(100, bound.workNanos());
        assertEquals(200, bound.nanos());
    }

    @Test
    @DisplayName("two branches that do not scale could run side by side")
    void branches() {
        ScalingBound bound = ScalingBound.of(
                List.of(new Operator("Softmax", List.of(), 100, 100), new Operator("Softmax", List.of(), 100, 100)), 2);

        assertEquals(100, bound.nanos());
        assertEquals(200, bound.oneAfterAnotherNanos());
    }

    @Test
    @DisplayName("an operator that more threads make slower is counted at its fastest")
    void slowerWithMoreThreads() {
        assertEquals(10, ScalingBound.of(List.of(new Operator("Add", List.of(), 10, 30)), 2).nanos());
    }

    @Test
    @DisplayName("lost is what a perfect division would have saved")
    void lost() {
        assertEquals(20, new Operator("Conv", List.of(), 100, 70).lostNanos(2));
        assertEquals(0, new Operator("Conv", List.of(), 100, 45).lostNanos(2));
    }
}
