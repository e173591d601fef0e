package io.parallaxfleet.energy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.host.RecordedHost;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnergyMeterTest {
    private final AtomicLong nanoTime = new AtomicLong(1_000);
    private final AtomicLong cpuNanos = new AtomicLong(5_000);

    @TempDir
    private Path root;

    private RecordedHost host;

    @BeforeEach
    void emptyHost() {
        host = new RecordedHost(root);
    }

    private EnergyMeter meter() {
        return EnergyMeter.of(host.files(), nanoTime::get, cpuNanos::get);
    }

    @Nested
    class PackageCounters {
        private static final String RAPL = "sys/class/powercap/";

        @BeforeEach
        void twoPackagesAndACore() {
            host.with(RAPL + "intel-rapl:0/energy_uj", "1000").with(RAPL + "intel-rapl:0/max_energy_range_uj", "1000000")
                    .with(RAPL + "intel-rapl:1/energy_uj", "500").with(RAPL + "intel-rapl:1/max_energy_range_uj", "1000000")
                    .with(RAPL + "intel-rapl:0:0/energy_uj", "700").with(RAPL + "intel-rapl:0:0/max_energy_range_uj", "1000000");
        }

        @Test
        void packagesAreSummedAndTheirPartsNotCountedTwice() {
            EnergyMeter meter = meter();
            meter.begin();
            host.with(RAPL + "intel-rapl:0/energy_uj", "1300").with(RAPL + "intel-rapl:1/energy_uj", "540")
                    .with(RAPL + "intel-rapl:0:0/energy_uj", "900");

            assertEquals("rapl", meter.source());
            assertEquals(OptionalLong.of(340), meter.end().microjoules());
        }

        @Test
        void aCounterThatWrapsIsUndone() {
            host.with(RAPL + "intel-rapl:0/energy_uj", "999900");
            EnergyMeter meter = meter();
            meter.begin();
            host.with(RAPL + "intel-rapl:0/energy_uj", "100");

            assertEquals(OptionalLong.of(200), meter.end().microjoules());
        }

        @Test
        void noMovementIsUnavailableAndNotZero() {
            EnergyMeter meter = meter();
            meter.begin();

            assertEquals(OptionalLong.empty(), meter.end().microjoules());
        }

        @Test
        void aCounterThatGoesAwayIsUnavailable() {
            EnergyMeter meter = meter();
            meter.begin();
            host.without(RAPL + "intel-rapl:1/energy_uj");

            assertEquals(OptionalLong.empty(), meter.end().microjoules());
        }
    }

    @Nested
    class PowerRails {
        private static final String MONITOR = "sys/class/hwmon/hwmon3/";

        @Test
        void powerIsIntegratedOverTheSamplesOfAllRails() {
            host.with("sys/class/hwmon/hwmon0/name", "cpu_thermal")
                    .with(MONITOR + "name", "ina3221")
                    .with(MONITOR + "in1_input", "5000").with(MONITOR + "curr1_input", "1000")
                    .with(MONITOR + "in2_input", "5000").with(MONITOR + "curr2_input", "200");
            EnergyMeter meter = meter();
            meter.begin();
            nanoTime.addAndGet(500_000_000);
            meter.sample();
            host.with(MONITOR + "curr1_input", "2000");
            nanoTime.addAndGet(500_000_000);

            EnergyMeter.Reading reading = meter.end();

            // 6 W for half a second, then from 6 W to 11 W for half a second.
            assertEquals("ina3221", meter.source());
            assertEquals(3e6 + 4.25e6, reading.microjoules().orElseThrow(), 1);
            assertEquals(2, reading.sampleHertz(), 1e-9);
        }
    }

    @Nested
    class Battery {
        private static final String SUPPLY = "sys/class/power_supply/BAT0/";

        @BeforeEach
        void discharging() {
            host.with(SUPPLY + "type", "Battery").with(SUPPLY + "status", "Discharging")
                    .with(SUPPLY + "voltage_now", "4000000").with(SUPPLY + "current_now", "-500000");
        }

        @Test
        void theGaugeIsUsedWhileItDischarges() {
            EnergyMeter meter = meter();
            meter.begin();
            nanoTime.addAndGet(1_000_000_000);

            assertEquals("battery", meter.source());
            assertEquals(2e6, meter.end().microjoules().orElseThrow(), 1);
        }

        @Test
        void pluggingInDuringABatchMakesItUnavailable() {
            EnergyMeter meter = meter();
            meter.begin();
            host.with(SUPPLY + "status", "Charging");
            nanoTime.addAndGet(1_000_000_000);

            assertEquals(OptionalLong.empty(), meter.end().microjoules());
        }

        @Test
        void onTheChargerTheModelIsUsed() {
            host.with(SUPPLY + "status", "Full");

            assertEquals("cpu-time-model", meter().source());
        }
    }

    @Nested
    class WithoutAMeter {
        @Test
        void theModelFollowsTheCpuTimeAndSaysSo() {
            EnergyMeter meter = meter();
            meter.begin();
            cpuNanos.addAndGet(1_000_000_000);

            assertEquals("cpu-time-model", meter.source());
            assertEquals(CpuTimeMeter.WATTS_PER_CORE * 1e6, meter.end().microjoules().orElseThrow(), 1);
        }

        @Test
        void withoutCpuTimeThereIsNone() {
            cpuNanos.set(-1);
            EnergyMeter meter = meter();
            meter.begin();

            assertEquals("none", meter.source());
            assertTrue(meter.end().microjoules().isEmpty());
        }
    }
}
