package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.TensorType;
import org.junit.jupiter.api.Test;

class LargestTensorTest {
    private final ModelGraph graph = ForkedModel.prepared().graph();
    private final long largestBytes = graph.nodes().stream().flatMap(node -> node.writes())
            .mapToLong(tensor -> graph.type(tensor).map(TensorType::bytes).orElse(0L)).max().orElseThrow();

    @Test
    void isRefusedWhereItDoesNotFit() {
        String message = assertThrows(ModelFormatException.class,
                () -> LargestTensor.requireRoom("forked", graph, largestBytes - 1)).getMessage();

        assertTrue(message.contains("the operator '") && message.contains(largestBytes + " bytes"), message);
    }

    @Test
    void andNowhereElse() {
        assertDoesNotThrow(() -> LargestTensor.requireRoom("forked", graph, largestBytes));
    }
}
