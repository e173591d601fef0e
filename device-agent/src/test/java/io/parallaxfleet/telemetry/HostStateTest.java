package io.parallaxfleet.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.energy.BatteryGauge;
import io.parallaxfleet.host.CpuLoad;
import io.parallaxfleet.host.RecordedHost;
import io.parallaxfleet.schemas.avro.ThermalState;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostStateTest {
    @TempDir
    private Path root;

    private RecordedHost host;

    @BeforeEach
    void emptyHost() {
        host = new RecordedHost(root);
    }

    @Test
    void aHostThatShowsNothingIsUnknownEverywhere() {
        assertEquals(new DeviceState(ThermalState.UNKNOWN, OptionalInt.empty(), Optional.empty(), 0), DeviceState.of(host.files()));
    }

    @Test
    void freeMemoryIsWhatIsAvailable() {
        host.with("proc/meminfo", "MemTotal:  8000 kB\nMemFree:  100 kB\nMemAvailable:    4000 kB");

        assertEquals(4000 * 1024L, DeviceState.of(host.files()).freeMemoryBytes());
    }

    @Nested
    class Heat {
        private RecordedHost zone(int zone, long now) {
            String path = "sys/class/thermal/thermal_zone" + zone + "/";
            return host.with(path + "temp", Long.toString(now))
                    .with(path + "trip_point_0_type", "passive").with(path + "trip_point_0_temp", "80000")
                    .with(path + "trip_point_1_type", "critical").with(path + "trip_point_1_temp", "100000");
        }

        private ThermalState state() {
            return new ThermalZones(host.files()).state();
        }

        @Test
        void isNominalWellBelowTheTripPoints() {
            zone(0, 45_000);

            assertEquals(ThermalState.NOMINAL, state());
        }

        @Test
        void isFairShortlyBelowThePassiveTrip() {
            zone(0, 72_000);

            assertEquals(ThermalState.FAIR, state());
        }

        @Test
        void isSeriousWhereTheKernelThrottles() {
            zone(0, 80_000);

            assertEquals(ThermalState.SERIOUS, state());
        }

        @Test
        void isTheWorstOfAllZones() {
            zone(0, 45_000);
            zone(1, 101_000);

            assertEquals(ThermalState.CRITICAL, state());
        }

        @Test
        void ofASensorThatIsOffIsUnknown() {
            zone(0, 0);

            assertEquals(ThermalState.UNKNOWN, state());
        }
    }

    @Nested
    class TheBattery {
        @Test
        void tellsChargeAndCharger() {
            host.with("sys/class/power_supply/AC/type", "Mains")
                    .with("sys/class/power_supply/BAT0/type", "Battery")
                    .with("sys/class/power_supply/BAT0/capacity", "64")
                    .with("sys/class/power_supply/BAT0/status", "Charging");

            DeviceState state = DeviceState.of(host.files());

            assertEquals(OptionalInt.of(64), state.batteryPercent());
            assertEquals(Optional.of(true), state.charging());
        }

        @Test
        void ofAMouseIsNotTheDevices() {
            host.with("sys/class/power_supply/hidpp/type", "Battery").with("sys/class/power_supply/hidpp/scope", "Device")
                    .with("sys/class/power_supply/hidpp/capacity", "10");

            assertTrue(BatteryGauge.find(host.files()).isEmpty());
        }
    }

    @Nested
    class ForeignLoad {
        private final AtomicLong nanoTime = new AtomicLong();
        private final AtomicLong ownCpu = new AtomicLong();
        private CpuLoad load;

        @BeforeEach
        void twoCores() {
            stat(1000, 2000);
            load = new CpuLoad(host.files(), nanoTime::get, ownCpu::get);
        }

        private void stat(long busyTicks, long idleTicks) {
            host.with("proc/stat", "cpu  " + busyTicks + " 0 0 " + idleTicks + " 0 0 0 0 0 0\ncpu0 1 0 0 1\ncpu1 1 0 0 1\nctxt 5");
        }

        @Test
        void isBusyTimeLessOurOwn() {
            Optional<CpuLoad.Mark> start = load.mark();
            // One second of two cores: 150 of 200 ticks busy, one of the two core seconds ours.
            stat(1150, 2050);
            nanoTime.set(1_000_000_000);
            ownCpu.set(1_000_000_000);

            assertEquals(0.25, load.foreignShareSince(start).orElseThrow(), 1e-9);
        }

        @Test
        void isNeverNegativeWhereTicksLagBehind() {
            Optional<CpuLoad.Mark> start = load.mark();
            stat(1100, 2100);
            nanoTime.set(1_000_000_000);
            ownCpu.set(1_900_000_000);

            assertEquals(0, load.foreignShareSince(start).orElseThrow());
        }

        @Test
        void isUnknownOverTooFewTicks() {
            Optional<CpuLoad.Mark> start = load.mark();
            stat(1003, 2002);
            nanoTime.set(25_000_000);

            assertEquals(OptionalDouble.empty(), load.foreignShareSince(start));
        }

        @Test
        void isUnknownWhereTheProcessDoesNotKnowItsOwnTime() {
            ownCpu.set(-1);

            assertTrue(load.mark().isEmpty());
        }
    }
}
