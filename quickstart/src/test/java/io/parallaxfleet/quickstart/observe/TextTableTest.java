package io.parallaxfleet.quickstart.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
    @Test
    void columns_are_as_wide_as_their_widest_cell_and_figures_stand_to_the_right() {
        List<String> lines = new TextTable(List.of("model", "p50")).row("a", "1.5 ms").row("longer", "10.5 ms").lines();
        assertEquals(List.of("model   p50", "a        1.5 ms", "longer  10.5 ms"), lines);
    }

    @Test
    void a_row_of_another_length_is_refused() {
        TextTable table = new TextTable(List.of("a", "b"));
        assertThrows(IllegalArgumentException.class, () -> table.row("x"));
    }
}
