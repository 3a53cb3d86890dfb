#!/bin/sh
# The real time since the start of the machine, in 1/100 s, without a process.
now() { read -r up rest < /proc/uptime; now=${up%.*}${up#*.}; }

compute() {
	now
	end=$((now + 120))
	while [ "$now" -lt "$end" ]; do
		i=0
		while [ $i -lt 200000 ]; do i=$((i + 1)); done
		now
	done
}

while read -r name value; do
	[ "$name" = Cpus_allowed_list: ] && cpu=${value%%[-,]*}
done < /proc/self/status
taskset -cp "$cpu" $$ > /dev/null
(
	renice -n 19 "$(exec sh -c 'echo $PPID')" > /dev/null
	compute
) &
compute
wait
