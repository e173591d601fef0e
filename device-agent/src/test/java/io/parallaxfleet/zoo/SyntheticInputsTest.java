package io.parallaxfleet.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SyntheticInputsTest {
    private static ByteBuffer content(String name, TensorType type, long seed) {
        return SyntheticInputs.content(name, type, new SplittableRandom(seed));
    }

    @Test
    void theSameSeedGivesTheSameInputs() {
        TensorType image = TensorType.of(ElementType.FLOAT, 1, 3, 8, 8);

        assertEquals(content("pixel_values", image, 3), content("pixel_values", image, 3));
        assertNotEquals(content("pixel_values", image, 3), content("pixel_values", image, 4));
    }

    @Test
    void tokensFitTheSmallestVocabulary() {
        ByteBuffer ids = content("input_ids", TensorType.of(ElementType.INT64, 4, 128), 1);

        while (ids.hasRemaining()) {
            long id = ids.getLong();
            assertTrue(id > 0 && id < 1000, () -> "id " + id);
        }
    }

    @Test
    void masksLetEverythingThrough() {
        ByteBuffer mask = content("attention_mask", TensorType.of(ElementType.INT64, 1, 4), 1);

        while (mask.hasRemaining()) {
            assertEquals(1, mask.getLong());
        }
    }

    @Test
    void imagesLieBetweenZeroAndOne() {
        ByteBuffer image = content("images", TensorType.of(ElementType.FLOAT, 1, 3, 16, 16), 1);

        while (image.hasRemaining()) {
            float value = image.getFloat();
            assertTrue(value >= 0 && value < 1, () -> "pixel " + value);
        }
    }

    @Test
    void positionsCountUpInEveryRow() {
        ByteBuffer positions = content("position_ids", TensorType.of(ElementType.INT64, 2, 3), 1);

        for (int i = 0; i < 6; i++) {
            assertEquals(i % 3, positions.getLong());
        }
    }

    @Test
    void aFlagIsSet() {
        assertEquals(1, content("use_cache_branch", TensorType.of(ElementType.BOOL, 1), 1).get());
    }
}
