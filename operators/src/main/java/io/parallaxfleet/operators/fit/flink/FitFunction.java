package io.parallaxfleet.operators.fit.flink;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.codec.flink.CodecTypeInformation;
import io.parallaxfleet.operators.fit.ClassObservations;
import io.parallaxfleet.operators.fit.ClassObservationsCodec;
import io.parallaxfleet.operators.fit.CostBatch;
import io.parallaxfleet.operators.fit.CostModel;
import io.parallaxfleet.operators.fit.CostModelFit;
import io.parallaxfleet.operators.fit.CostObservation;
import io.parallaxfleet.operators.fit.Drift;
import io.parallaxfleet.operators.fit.EnergyFit;
import io.parallaxfleet.operators.fit.FitOptions;
import io.parallaxfleet.operators.fit.FitResult;
import io.parallaxfleet.operators.fit.Incumbent;
import io.parallaxfleet.operators.rollout.ClassFit;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.PlanProfile;
import java.time.Duration;
import java.util.Locale;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers the branch runs and plans of a class and fits its cost model at every interval of event time in which something new
 * came.
 */
public final class FitFunction extends KeyedCoProcessFunction<ClassKey, CostBatch, PlanProfile, ClassFit> {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(FitFunction.class);

    private final FitOptions options;
    private final long intervalMillis;

    private transient CostModelFit fit;
    private transient ValueState<ClassObservations> observations;
    private transient Counter onProbation;
    private transient Counter quarantined;
    private transient Counter newlyQuarantined;

    public FitFunction(FitOptions options, Duration interval) {
        this.options = options;
        this.intervalMillis = interval.toMillis();
    }

    /** The state of each class; also for who reads savepoints. */
    public static ValueStateDescriptor<ClassObservations> observations() {
        return new ValueStateDescriptor<>("observations",
                new CodecTypeInformation<>(ClassObservations.class, new ClassObservationsCodec()));
    }

    @Override
    public void open(OpenContext context) {
        fit = new CostModelFit(options);
        observations = getRuntimeContext().getState(observations());
        MetricGroup metrics = getRuntimeContext().getMetricGroup();
        onProbation = metrics.counter("inferencesOfDevicesOnProbation");
        quarantined = metrics.counter("inferencesOfQuarantinedDevices");
        newlyQuarantined = metrics.counter("devicesQuarantined");
    }

    @Override
    public void processElement1(CostBatch batch, Context context, Collector<ClassFit> out) throws Exception {
        ClassObservations known = known();
        for (CostObservation observation : batch.observations()) {
            switch (known.add(observation)) {
                case HEARD -> { }
                case ON_PROBATION -> onProbation.inc();
                case QUARANTINED -> quarantined.inc();
            }
        }
        known.addUnobserved(batch.unobserved());
        observations.update(known);
        // After the watermark, or a timer that is already due would fire for every single late record.
        long from = Math.max(context.timestamp(), context.timerService().currentWatermark());
        context.timerService().registerEventTimeTimer((from / intervalMillis + 1) * intervalMillis);
    }

    @Override
    public void processElement2(PlanProfile plan, Context context, Collector<ClassFit> out) throws Exception {
        ClassObservations known = known();
        known.workload().addPlan(plan);
        observations.update(known);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<ClassFit> out) throws Exception {
        ClassObservations known = known();
        if (!known.changed()) {
            return;
        }
        ClassKey key = context.getCurrentKey();
        Incumbent incumbent = known.workload().incumbent().orElse(null);
        FitResult result = fit.fit(known.reservoir().regions());
        Drift drift = known.drift().orElse(null);
        if (drift != null) {
            LOG.warn("{}: drift, {}", key, drift.describe());
        }
        known.settle(result);
        observations.update(known);
        if (result instanceof FitResult.Fitted fitted) {
            LOG.info("{}: {}", key, describe(fitted));
            if (!fitted.liars().isEmpty()) {
                newlyQuarantined.inc(fitted.liars().size());
                LOG.warn("{}: {} devices quarantined, their times have nothing to do with the others'; {} are now", key,
                        fitted.liars().size(), known.quarantined());
            }
            out.collect(new ClassFit(key, known.widened(fitted.estimate()), null, null, known.regions(CostModel.of(fitted.estimate())), incumbent,
                    EnergyFit.of(known, fit).orElse(null), null, drift));
        } else {
            FitResult.NotYet notYet = (FitResult.NotYet) result;
            String missing = notYet.reason() + "; " + known.usableInferences() + " of " + known.inferences()
                    + " inferences could be learnt from, the others were cold, disturbed, throttled or failed";
            LOG.info("{}: no cost model yet, {}", key, missing);
            out.collect(new ClassFit(key, null, missing, notYet.gate().name(), known.regions(), incumbent, null,
                    notYet.sparse(), drift));
        }
    }

    private ClassObservations known() throws Exception {
        ClassObservations known = observations.value();
        return known == null ? new ClassObservations(options.seed()) : known;
    }

    private static String describe(FitResult.Fitted fitted) {
        CostModelEstimate e = fitted.estimate();
        return String.format(Locale.ROOT, "cost model from %d CPU and %d accelerator runs over %d regions: CPU %.3g s/MAC, "
                + "accelerator %.3g s + %.3g s/MAC + %.3g s/B, median error %.1f %%", e.getCpuSamples(),
                e.getAcceleratorSamples(), e.getDistinctRegions(), e.getCpuSecondsPerMac().getValue(),
                e.getDispatchSeconds().getValue(), e.getAcceleratorSecondsPerMac().getValue(),
                e.getSecondsPerByte().getValue(), 100 * e.getMedianRelativeError());
    }
}
