# shellcheck shell=bash disable=SC2154
# The jobs that measure-gpu.sh measures and in which order; sourced by it. Uses its headroom, measure, out, log,
# minutes, device, failures and report.

layers=4
models=(gpt llama)
methods=(flash bpt mst memory-efficient vanilla)
recomputes=(full none)
first_seq=4096 shortest_seq=1024 longest_seq=1048576
declare -A wall # combination -> seconds that its last measurement took
declare -A step_time # combination -> seconds of its last training step
declare -A seq_of # combination -> tokens of that measurement
declare -A ended # combination -> why longer sequences are not tried

# A few layers of GPT with 1.3 billion parameters and of Llama with 8 billion.
make_models() {
  few_layers models/transformers/bpt-gpt-1b.json "$layers" gpt
  few_layers models/transformers/llama-3-8b.json "$layers" llama
}

# few_layers <model file> <layers> <name>: the model of that file with fewer layers, as $out/<name>.json.
few_layers() {
  sed -e "s/\"name\": \"\([^\"]*\)\"/\"name\": \"\1-$2-layers\"/" -e "s/{\"repeat\": [0-9]*, /{\"repeat\": $2, /" \
    -e '/"aliases"/d' -e 's/\("certainty": .*\),$/\1/' -e '/"published_parameters"/d' "$1" >"$out/$3.json"
}

# The hardware preset of the card; a card that has none becomes one.
base_hardware() {
  local name total
  name=$(sed -n 's/^name //p' <<<"$room") total=$(sed -n 's/^total_bytes //p' <<<"$room")
  case $name in
    *H200*) echo H200 ;;
    *H100*) echo H100-80GB ;;
    *A100*40GB*) echo A100-40GB ;;
    *A100*) echo A100-80GB ;;
    *B200*) echo B200 ;;
    *4090*) echo RTX-4090 ;;
    *)
      printf '{"headroom": "hardware/1", "name": "%s", "capacity": {"bytes": %s}}\n' "$name" "$total" >"$out/card.json"
      echo "$out/card.json"
      ;;
  esac
}

# calibrate: what the device spends beside tensors, from an empty and two one-layer jobs, as $out/hardware.json.
calibrate() {
  local base model one=$out/calibration
  base=$(base_hardware)
  hardware=$out/hardware.json
  [[ ! -e $hardware ]] || return 0
  few_layers models/transformers/bpt-gpt-1b.json 1 one-layer-gpt
  few_layers models/transformers/llama-3-8b.json 1 one-layer-llama
  for model in gpt llama; do
    "$headroom" measure --dry-run --model "$out/one-layer-$model.json" --hardware "$base" --method flash --seq 2K \
      --save-job "$out/one-layer-$model-job.json" >>"$log" 2>&1 || return_failure "calibration job of $model" || return 0
    calibration_run "$out/one-layer-$model-job.json" "$one/one-layer-$model.json" || return 0
  done
  calibration_run "$out/one-layer-gpt-job.json" "$one/empty.json" --empty || return 0
  "$headroom" hardware "$base" --calibrated-by "$one"/*.json --save-hardware "$hardware" | tee -a "$summary" ||
    return_failure "calibration"
}

calibration_run() {
  local job=$1 record=$2
  shift 2
  [[ -e $record ]] ||
    timeout 120 "$measure" --device "$device" --job "$job" --record "$record" --kernels "$@" >>"$log" 2>&1 ||
    return_failure "calibration run $record"
}

return_failure() {
  report "FAILED: $1"
  failures=$((failures + 1))
  return 1
}

seconds_left() { echo $((minutes * 60 - SECONDS)); }

# job_options <model> <recompute> <method>
job_options() {
  local file=$hardware
  [[ -e $file ]] || file=$(base_hardware)
  options=(--model "$out/$1.json" --hardware "$file" --recompute "$2" --method "$3")
}

# estimate <combination> <tokens>: seconds, from the combination's last measurement: attention grows with the square.
estimate() {
  awk -v wall="${wall[$1]:-10}" -v step="${step_time[$1]:-0}" -v last="${seq_of[$1]:-$2}" -v seq="$2" \
    'BEGIN { ratio = seq / last; printf "%d\n", wall + 2 * step * (ratio > 1 ? ratio * ratio - 1 : 0) + 1 }'
}

# remember <combination> <tokens> <record> <seconds>
remember() {
  seq_of[$1]=$2
  [[ $4 == 0 ]] || wall[$1]=$4
  step_time[$1]=$(tr -d ' \n' <"$3" | sed -n 's/.*"step_seconds":\[[^]]*,\([0-9.e+-]*\)\].*/\1/p')
}

# measure_one <model> <recompute> <method> <tokens>: a record that is there is not measured again; one that is made is
# validated.
measure_one() {
  local combination="$1-$2-$3" record=$out/records/$3-$1-$2-$4.json status=0 begin=$SECONDS options
  [[ -z ${ended[$combination]:-} ]] || return 0
  if [[ -e $record ]]; then
    remember "$combination" "$4" "$record" 0
    return 0
  fi
  if [[ $(estimate "$combination" "$4") -gt $(seconds_left) ]]; then
    ended[$combination]='no time'
    report "not started: $combination at $4 tokens: about $(estimate "$combination" "$4") s, $(seconds_left) s left"
    return 0
  fi
  job_options "$1" "$2" "$3"
  timeout "$(($(seconds_left) + 5))" "$headroom" measure --backend cuda --device "$device" "${options[@]}" --seq "$4" \
    --steps 2 --kernels --record "$record" >>"$log" 2>&1 || status=$?
  case $status in
    0)
      remember "$combination" "$4" "$record" $((SECONDS - begin))
      validated "$record"
      ;;
    3)
      ended[$combination]='does not fit'
      report "does not fit: $combination at $4 tokens ($(tail -n 1 "$log"))"
      ;;
    124)
      ended[$combination]='no time'
      report "cut short: $combination at $4 tokens"
      ;;
    *)
      ended[$combination]='failed'
      return_failure "$combination at $4 tokens: $(tail -n 1 "$log")" || true
      ;;
  esac
}

validated() {
  local status=0
  "$headroom" validate "$1" >>"$log" 2>&1 || status=$?
  if [[ $status == 0 ]]; then
    report "agrees: $(basename "$1")"
  else
    return_failure "does not agree: $(basename "$1"), see log.txt" || true
  fi
}

# measure_doubling <model> <recompute> <method>
measure_doubling() {
  local seq
  for ((seq = shortest_seq; seq <= longest_seq; seq *= 2)); do measure_one "$1" "$2" "$3" "$seq"; done
}

# measure_longest <model> <recompute> <method>: max-context's answer must run; the next grid point is refused.
measure_longest() {
  local options tokens
  job_options "$1" "$2" "$3"
  tokens=$("$headroom" max-context "${options[@]}" --format csv 2>>"$log" | tail -n 1 | cut -d , -f 3) || true
  [[ $tokens =~ ^[0-9]+$ ]] || return 0
  unset "ended[$1-$2-$3]"
  report "max-context of $1-$2-$3: $tokens tokens"
  measure_one "$1" "$2" "$3" "$tokens"
  ended[$1-$2-$3]='longest'
}

# Most valuable first: every combination once; how far the methods that save memory get, against max-context; the rest.
measure_matrix() {
  local model recompute method
  for model in "${models[@]}"; do
    for recompute in "${recomputes[@]}"; do
      for method in "${methods[@]}"; do measure_one "$model" "$recompute" "$method" "$first_seq"; done
    done
  done
  for model in llama gpt; do
    for method in mst bpt flash; do
      measure_doubling "$model" none "$method"
      measure_longest "$model" none "$method"
    done
  done
  for recompute in "${recomputes[@]}"; do
    for model in "${models[@]}"; do
      for method in "${methods[@]}"; do measure_doubling "$model" "$recompute" "$method"; done
    done
  done
}

# What would be measured, with the predicted bytes; a card that is not there stands for an H200.
print_plan() {
  local model recompute method seq options hardware=''
  room=$("$measure" --free-memory --device "$device" 2>/dev/null || printf 'name H200\n')
  echo "method            model  recompute      tokens   predicted bytes"
  for method in "${methods[@]}"; do
    for model in "${models[@]}"; do
      for recompute in "${recomputes[@]}"; do
        job_options "$model" "$recompute" "$method"
        for ((seq = shortest_seq; seq <= longest_seq; seq *= 2)); do
          printf '%-17s %-6s %-10s %10d %17s\n' "$method" "$model" "$recompute" "$seq" "$("$headroom" measure --dry-run \
            "${options[@]}" --seq "$seq" --format csv 2>/dev/null | tail -n 1 | cut -d , -f 4)"
        done
      done
    done
  done
}
