package io.parallaxfleet.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import io.parallaxfleet.schemas.exploration.ExplorationBounds;
import io.parallaxfleet.thresholds.Updates;
import io.parallaxfleet.uplink.AgentEvents;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ExplorationShareTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_760_000_000);
    private static final double OWN = 0.01;
    private static final double MOST = 0.1;

    private final SetClock clock = new SetClock(NOW);
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final ExplorationShare share = share(new ExplorationLimits(OWN, MOST));

    private ExplorationShare share(ExplorationLimits limits) {
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        return new ExplorationShare(limits, Updates.DEVICE.deviceClass(), Updates.DEVICE.simulated(), clock,
                new AgentEvents(out, out, false, clock));
    }

    private List<String> lines() {
        return said.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void withoutAdviceADeviceKeepsToItsOwnShare() {
        assertEquals(OWN, share.getAsDouble());
    }

    @Test
    void adviceRaisesTheShareAndIsSaidInOneLineWithItsReason() {
        share.accept(List.of(Advice.issued(NOW).build()));

        assertEquals(5 * OWN, share.getAsDouble(), 1e-12);
        assertEquals(1, lines().size());
        assertTrue(lines().get(0).contains("0.05") && lines().get(0).contains("CPU runs take 1.30 times"), lines().get(0));
    }

    @Test
    void itExpiresByItself() {
        share.accept(List.of(Advice.issued(NOW).build()));

        clock.pass(Advice.LIFETIME.minusMillis(1));
        assertEquals(5 * OWN, share.getAsDouble(), 1e-12);
        clock.pass(Duration.ofMillis(1));
        assertEquals(OWN, share.getAsDouble());
        assertEquals(OWN, share.getAsDouble());
        assertEquals(2, lines().size(), () -> "once raised, once back: " + lines());
    }

    @Test
    void newerAdviceRenewsIt() {
        share.accept(List.of(Advice.issued(NOW).build()));
        clock.pass(Duration.ofMinutes(6));
        share.accept(List.of(Advice.issued(clock.instant()).build()));

        clock.pass(Duration.ofMinutes(6));
        assertEquals(5 * OWN, share.getAsDouble(), 1e-12);
    }

    @Test
    void olderAdviceAndRepetitionsChangeNothing() {
        share.accept(List.of(Advice.issued(NOW).build()));
        share.accept(List.of(Advice.issued(NOW).setShareFactor(2).build(),
                Advice.issued(NOW.minusSeconds(60)).setShareFactor(3).build()));

        assertEquals(5 * OWN, share.getAsDouble(), 1e-12);
        assertEquals(1, lines().size(), lines()::toString);
    }

    @Nested
    class TheOwnersLimits {
        @Test
        void capWhatIsAskedFor() {
            share.accept(List.of(Advice.issued(NOW).setShareFactor(ExplorationBounds.MAX_SHARE_FACTOR).build()));
            assertEquals(MOST, share.getAsDouble(), 1e-12);

            ExplorationShare eager = share(new ExplorationLimits(0.05, MOST));
            eager.accept(List.of(Advice.issued(NOW).build()));
            assertEquals(MOST, eager.getAsDouble());
        }

        @Test
        void neverMakeADeviceExploreLessThanByItself() {
            ExplorationShare eager = share(new ExplorationLimits(0.4, MOST));
            eager.accept(List.of(Advice.issued(NOW).build()));

            assertEquals(0.4, eager.getAsDouble());
        }

        @Test
        void letADeviceThatExploresNothingGoOnSo() {
            ExplorationShare none = share(new ExplorationLimits(0, MOST));
            none.accept(List.of(Advice.issued(NOW).build()));

            assertEquals(0, none.getAsDouble());
        }

        @Test
        void areProbabilitiesBelowOne() {
            for (double wrong : new double[] {-0.1, 1, Double.NaN}) {
                assertThrows(IllegalArgumentException.class, () -> new ExplorationLimits(wrong, MOST));
                assertThrows(IllegalArgumentException.class, () -> new ExplorationLimits(OWN, wrong));
            }
        }
    }

    @Nested
    class Refused {
        private void assertRefused(ExplorationAdvice advice, String field) {
            share.accept(List.of(advice));

            assertEquals(OWN, share.getAsDouble());
            assertEquals(1, lines().size(), lines()::toString);
            assertTrue(lines().get(0).contains(field), lines().get(0));
        }

        @Test
        void isAFactorBeyondTheContract() {
            assertRefused(Advice.issued(NOW).setShareFactor(ExplorationBounds.MAX_SHARE_FACTOR * 1.01).build(), "shareFactor");
        }

        @Test
        void isAFactorThatWouldLowerTheShare() {
            assertRefused(Advice.issued(NOW).setShareFactor(0.5).build(), "shareFactor");
        }

        @Test
        void isAFactorThatIsNoNumber() {
            assertRefused(Advice.issued(NOW).setShareFactor(Double.NaN).build(), "shareFactor");
        }

        @Test
        void isWhatWouldLastLongerThanADay() {
            assertRefused(Advice.issued(NOW).setExpiresAt(NOW.plus(ExplorationBounds.LONGEST).plusMillis(1)).build(), "expiresAt");
        }

        @Test
        void isWhatEndsBeforeItBegins() {
            assertRefused(Advice.issued(NOW).setExpiresAt(NOW).build(), "expiresAt");
        }

        @Test
        void isWhatComesFromTheFuture() {
            assertRefused(Advice.issued(NOW.plus(AdviceRules.CLOCKS_APART).plusMillis(1)).build(), "issuedAt");
        }

        @Test
        void isWhatSimulatedDevicesAreAskedFor() {
            assertRefused(Advice.issued(NOW).setSimulated(true).build(), "simulated");
        }

        @Test
        void isWhatHasExpired() {
            assertRefused(Advice.issued(NOW.minus(Advice.LIFETIME)).build(), "expired");
        }
    }

    @Test
    void whatOtherClassesAreAskedForIsPassedOverWithoutAWord() {
        share.accept(List.of(Advice.issued(NOW).setDeviceClass("linux-x86_64-another-cpu").build()));

        assertEquals(OWN, share.getAsDouble());
        assertEquals(List.of(), lines());
    }

    @Test
    void adviceAfterOneThatIsRefusedIsFollowed() {
        share.accept(List.of(Advice.issued(NOW).setShareFactor(1000).build(), Advice.issued(NOW).build()));

        assertEquals(5 * OWN, share.getAsDouble(), 1e-12);
    }
}
