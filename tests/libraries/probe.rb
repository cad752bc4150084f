# Prints for each token of standard input its user, or "refused" and the error.

require File.expand_path(ARGV.shift)
$stdin.each_line do |line|
  puts JSON.generate(for: verify(JSON.parse(line))["sub"])
rescue StandardError => error
  puts JSON.generate(refused: error.class.name)
end
