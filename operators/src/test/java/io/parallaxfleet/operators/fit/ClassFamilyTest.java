package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.parallaxfleet.operators.aggregate.ClassKey;
import org.junit.jupiter.api.Test;

class ClassFamilyTest {
    @Test
    void measuredClassesOfOneAcceleratorAreAFamilyWhateverTheirProcessor() {
        assertEquals(new ClassFamily("linux-x86_64-nvidia-h200", false), family("linux-x86_64-amd-epyc-7763-16c-nvidia-h200", false));
        assertEquals(family("linux-aarch64-cortex-a76-4c-mali-g76", false), family("linux-aarch64-kryo-485-8c-mali-g76", false));
        assertNotEquals(family("linux-aarch64-cortex-a76-4c-mali-g76", false), family("linux-aarch64-cortex-a76-4c-adreno-640", false));
    }

    @Test
    void modelledClassesOfOneKindAreAFamilyAndNeverOfAMeasuredOne() {
        assertEquals(new ClassFamily("sim-phone", true), family("sim-phone-fast-gpu", true));
        assertEquals(family("sim-phone-slow-gpu", true), family("sim-phone-fast-gpu", true));
        assertNotEquals(family("board", true), family("board", false));
    }

    @Test
    void aClassOfAnyOtherNameIsAFamilyOfItsOwn() {
        assertEquals(new ClassFamily("board", false), family("board", false));
    }

    private static ClassFamily family(String deviceClass, boolean simulated) {
        return ClassFamily.of(new ClassKey(deviceClass, simulated));
    }
}
