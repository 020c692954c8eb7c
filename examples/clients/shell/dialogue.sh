# A spawner in a terminal: shows the menu, takes a choice, and prints the pod to start. It starts nothing. The menu and
# all remarks go to stderr; stdout has the pod alone.
#
# Sourced by grpcurl.sh and curl.sh, which bring `call METHOD REQUEST`. It sets `answer`, or fails and sets
#   reason   the stable name that the service gives; empty where the error does not come from it
#   message  for people
#   pause    how long to wait before another attempt; empty where the service does not say

patience=${IMAGE_SOURCE_PATIENCE:-60} # seconds of a question, with all its attempts: longer than a restart takes

# METHOD REQUEST: asks again until there is an answer. Fails when the time is over, or at once where waiting is of no
# use. Only for calls that change nothing, since such a call may have been answered where only the answer was lost.
persist() {
  local end=$((SECONDS + patience))
  until call "$@"; do
    [ -z "$reason" ] || [ "$reason" = NOT_READY ] || [ -n "$pause" ] || return 1
    [ "$SECONDS" -lt "$end" ] || return 1
    echo "waiting: $message" >&2
    sleep "${pause:-1}"
  done
}

# Prints the reference of the entry that is named by its tag.
choose() {
  local tag
  jq -r '.images[] | "  \(.tag): \(.name)"
    + if .recommended then " (recommended)" else "" end
    + if .prepulled then " (starts at once)" else "" end' <<<"$menu" >&2
  while echo 'Which tag?' >&2 && read -r tag; do
    jq -er --arg tag "$tag" '.images[] | select(.tag == $tag).reference' <<<"$menu" && return
    echo "The menu has no $tag." >&2
  done
  return 1
}

give_up() {
  echo "$1" >&2
  exit 1
}

# The reference goes into the pod unchanged: with its digest it is the image that was chosen, whatever the tag does.
pod() {
  jq '.image | {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "lab-alice", annotations: { "example.org/image": .displayName } },
    spec: { containers: [{ name: "lab", image: .reference, imagePullPolicy: "IfNotPresent" }] }
  }'
}

while persist MenuImages '{}' || give_up "$message"; do
  menu=$answer
  reference=$(choose) || give_up 'nothing was chosen'
  if persist ImageForReference "$(jq -n --arg reference "$reference" '{ $reference }')"; then
    pod <<<"$answer"
    exit
  fi
  case $reason in
    DIGEST_MISMATCH) # another image has the name now: the person decides, with the new menu
      echo 'This tag has moved since the menu was made. Here is the menu of now.' >&2 ;;
    UNKNOWN_IMAGE) # deleted since
      echo 'This image is not there any more. Choose another one.' >&2 ;;
    *) give_up "$message" ;;
  esac
done
