package io.parallaxfleet.operators.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.fit.CostBatch;
import io.parallaxfleet.operators.fit.Plans;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What no window counts, and what is learnt from it all the same. */
class IngestLeavesOutTest {
    private static final long WINDOW = IngestScenario.WINDOW;
    private static final long START = IngestScenario.START;

    private final IngestScenario out = new IngestScenario();

    @Nested
    class LeavesOut {
        @Test
        void aRecordThatCameBefore() {
            out.add(t -> { }, 1);
            out.again(1);
            out.ingest.drain();

            assertEquals(1, out.whole().getCount());
            assertEquals(1, out.leftOut(Ingest.LeftOut.DUPLICATE));
        }

        @Test
        void aRecordWhoseWindowIsClosed() {
            out.ingest.advance(START + WINDOW);
            out.add(t -> { }, 1);
            out.ingest.drain();

            assertTrue(out.sums.isEmpty());
            assertEquals(1, out.leftOut(Ingest.LeftOut.LATE));
        }

        @Test
        void branchesThatTheirPlanDoesNotHave() {
            out.plans.put("plan", Plans.ofTwoBranches("plan"));
            out.plans.get("plan").setBranches(out.plans.get("plan").getBranches().subList(0, 1));
            out.add(t -> { }, 1);
            out.ingest.drain();

            assertEquals(1, out.whole().getCount());
            assertEquals(1, out.sums.size());
            assertEquals(1, out.leftOut(Ingest.LeftOut.PLAN_MISMATCH));
        }
    }

    @Nested
    class LearnsFromWhatIsLate {
        @Test
        void whatItTookAndWhatItsDeviceDidButInNoWindow() {
            out.ingest.advance(START + 10 * WINDOW);
            out.add(t -> { }, 1);
            out.ingest.drain();

            assertTrue(out.sums.isEmpty());
            assertEquals(1, out.leftOut(Ingest.LeftOut.LATE));
            assertEquals(1, out.inferences.size());
            assertEquals(1, out.observed());
        }

        @Test
        void onceThoughItsSpoolIsSentTwice() {
            out.ingest.advance(START + 10 * WINDOW);
            out.add(t -> t.setSequence(7), 1);
            out.add(t -> t.setSequence(7), 1);
            out.ingest.drain();

            assertEquals(1, out.inferences.size());
            assertEquals(1, out.leftOut(Ingest.LeftOut.DUPLICATE));
        }

        @Test
        void noMoreOfAClassInAWindowsTimeThanOfAWindow() {
            out.ingest.advance(START + 10 * WINDOW);
            for (int i = 0; i < 3 * ClassCosts.MAX_OBSERVED; i++) {
                out.add(t -> { }, 1);
            }
            out.ingest.advance(START + 10 * WINDOW + 6000);
            assertEquals(ClassCosts.MAX_OBSERVED, out.observed());
            assertEquals(2 * ClassCosts.MAX_OBSERVED, out.costs.stream().mapToLong(CostBatch::unobserved).sum());

            out.ingest.advance(START + 11 * WINDOW);
            out.add(t -> { }, 1);
            out.ingest.drain();
            assertEquals(ClassCosts.MAX_OBSERVED + 1, out.observed());
        }
    }

    @Nested
    class CountsWhatIsMissing {
        @Test
        void whenASessionSkipsNumbersAndUntilTheyCome() {
            out.add(t -> t.setSequence(0), 1);
            out.add(t -> t.setSequence(4), 1);
            assertEquals(3, out.missing);

            out.add(t -> t.setSequence(2), 1);

            assertEquals(2, out.missing);
        }

        @Test
        void alsoWhenTheRecordAfterTheGapIsLate() {
            out.add(t -> t.setSequence(0), 1);
            out.ingest.advance(START + WINDOW);
            out.add(t -> t.setSequence(2), 1);

            assertEquals(1, out.missing);
        }
    }

    @Nested
    class TellsTheFit {
        @Test
        void ofEveryInferenceWhereFewCome() {
            out.add(t -> { }, 1);
            out.add(t -> { }, 2);
            out.ingest.advance(START + WINDOW);

            assertEquals(2, out.costs.get(0).observations().size());
            assertEquals(0, out.costs.get(0).unobserved());
        }

        @Test
        void ofSomeAndTheNumberOfTheRestWhereManyComeAndOfExploredOnesStill() {
            for (int i = 0; i < ClassCosts.MAX_OBSERVED + 50; i++) {
                out.add(t -> { }, 1);
            }
            out.add(t -> t.setExplored(true), 2);
            out.ingest.drain();

            assertEquals(ClassCosts.MAX_OBSERVED + 1, out.costs.get(0).observations().size());
            assertEquals(50, out.costs.get(0).unobserved());
        }

        @Test
        void aboutAWindowWithinItsLimitHoweverOftenItIsDrained() {
            for (int i = 0; i < 2 * ClassCosts.MAX_OBSERVED; i++) {
                out.add(t -> { }, 1);
                out.ingest.drain();
            }

            assertEquals(ClassCosts.MAX_OBSERVED, out.observed());
        }
    }
}
