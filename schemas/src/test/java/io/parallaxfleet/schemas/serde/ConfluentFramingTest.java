package io.parallaxfleet.schemas.serde;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ConfluentFramingTest {
    @Test
    void the_header_is_a_zero_byte_and_the_id_in_network_order() {
        assertArrayEquals(new byte[] {0, 0x01, 0x02, 0x03, 0x04}, ConfluentFraming.header(0x01020304));
    }

    @Test
    void the_id_of_a_header_is_the_id_it_was_made_of() {
        for (int id : new int[] {0, 1, 255, 256, 65_536, Integer.MAX_VALUE}) {
            assertEquals(id, ConfluentFraming.schemaId(ConfluentFraming.header(id)));
        }
    }

    @Test
    void a_record_shorter_than_the_header_is_refused_with_its_length() {
        for (int length = 0; length < ConfluentFraming.HEADER_BYTES; length++) {
            byte[] bytes = new byte[length];
            var refused = assertThrows(UndecodableRecordException.class, () -> ConfluentFraming.schemaId(bytes));
            assertTrue(refused.getMessage().contains(length + " bytes"), refused.getMessage());
        }
    }

    @Test
    void another_first_byte_is_named() {
        var refused = assertThrows(
                UndecodableRecordException.class, () -> ConfluentFraming.schemaId(new byte[] {0x7b, 0, 0, 0, 1}));
        assertTrue(refused.getMessage().contains("0x7b"), refused.getMessage());
    }
}
