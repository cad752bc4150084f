<?php
// Returns as JSON the request that PHP's built-in server gets.
$body = file_get_contents('php://input');
header('Content-Type: application/json');
$forwarded = array_map(fn ($name) => $_SERVER["HTTP_X_$name"] ?? '', ['FORWARDED_FOR', 'FORWARDED_PROTO', 'REAL_IP']);
echo json_encode([
    ...(isset($_GET['forwarded']) ? ['forwarded' => $forwarded] : []),
    'method' => $_SERVER['REQUEST_METHOD'],
    'path' => rawurldecode(explode('?', $_SERVER['REQUEST_URI'])[0]),
    'query' => $_SERVER['QUERY_STRING'] ?? '',
    'length' => strlen($body),
    'hash' => hash('sha256', $body),
    'type' => $_SERVER['CONTENT_TYPE'] ?? '',
    'agent' => $_SERVER['HTTP_USER_AGENT'] ?? '',
], JSON_UNESCAPED_SLASHES);
